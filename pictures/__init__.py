"""Shows a job summary as its readers see it: GitHub's Markdown, GitHub's style sheet, Mermaid, and a real browser."""
