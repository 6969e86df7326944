"""The operations of the service that a deployment uses, as it calls them."""

CREATE, GET, LIST = "CreatePipelineRun", "GetPipelineRun", "ListPipelineRuns"
EXECUTE, ABOLISH = "ExecPipelineRunStage", "AbolishPipelineRun"
READS = (GET, LIST)
WRITES = (CREATE, EXECUTE, ABOLISH)
