"""The operations of the service that a deployment uses, as it calls them."""

CREATE, GET, LIST = "CreatePipelineRun", "GetPipelineRun", "ListPipelineRuns"
EXECUTE, ABOLISH, NODE = "ExecPipelineRunStage", "AbolishPipelineRun", "GetNode"
WORKFLOW = "GetWorkflowDefinition"
RESOURCE, FUNCTION = "GetResource", "GetFunction"
LOOKUPS = (NODE, WORKFLOW, RESOURCE, FUNCTION)  # of Data Studio
LISTS = ("ListNodes", "ListWorkflowDefinitions", "ListResources", "ListFunctions")  # of Data Studio too
READS = (GET, LIST)  # of runs
WRITES = (CREATE, EXECUTE, ABOLISH)
