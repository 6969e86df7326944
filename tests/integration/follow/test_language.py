"""The input `language` decides what both processes of the action say."""

import re
from pathlib import Path

from dataworks_emulator import Failure

from .live import eventually, open_live

CHINESE = re.compile("[\u4e00-\u9fff]")


def test_with_zh_log_annotation_summary_and_message_are_in_chinese(tmp_path: Path) -> None:
    failures = (Failure("*", "PROD_CHECK", "no such table"),)

    with (
        open_live(tmp_path, failures=failures, stage_seconds=0.02) as site,
        site.step(language="zh") as step,
    ):
        ended = step.end()

    (error,) = ended.errors
    for text in (ended.stdout, error, ended.summary, ended.only["message"]):
        assert CHINESE.search(text), text
        assert "no such table" in text, "the words of the service stay as they are"
    assert "已创建发布流程" in ended.stdout
    assert (ended.outcome, ended.only["reason"], ended.only["stage"]) == ("failed", "run_ended", "PROD_CHECK")


def test_with_zh_the_post_step_speaks_chinese_too(tmp_path: Path) -> None:
    with (
        open_live(tmp_path, stage_overrides={"PROD_CHECK": 60}) as site,
        site.step(language="zh") as step,
    ):
        eventually(lambda: site.reached("PROD_CHECK"), "the check is executed")
        step.popen.kill()
        step.end()

        post = step.post()

    assert "已终止发布流程" in post.stdout
