"""The operations of the service that a deployment uses, as it calls them."""

CREATE, GET, LIST = "CreatePipelineRun", "GetPipelineRun", "ListPipelineRuns"
EXECUTE, ABOLISH, NODE = "ExecPipelineRunStage", "AbolishPipelineRun", "GetNode"
WORKFLOW = "GetWorkflowDefinition"
RESOURCE, FUNCTION = "GetResource", "GetFunction"
LOOKUPS = (NODE, WORKFLOW, RESOURCE, FUNCTION)  # in Data Studio
LISTS = ("ListNodes", "ListWorkflowDefinitions", "ListResources", "ListFunctions")  # the same
READS = (GET, LIST)  # of runs
WRITES = (CREATE, EXECUTE, ABOLISH)
