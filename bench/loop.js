// A short script as people write it, with the official core library and its defaults. It deploys one object after another:
// create a run, read it every five seconds, execute the stage that waits. It stops at the first object that fails.
// Usage: node loop.js HOST:PORT PROJECT OBJECT...
const { default: Client, OpenApiUtil, $OpenApiUtil: Api } = require("@alicloud/openapi-core");
const { RuntimeOptions } = require("@darabonba/typescript");
const { setTimeout: sleep } = require("node:timers/promises");

const [endpoint, ProjectId, ...objects] = process.argv.slice(2);
const { ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId, ALIBABA_CLOUD_ACCESS_KEY_SECRET: accessKeySecret } = process.env;
const client = new Client(new Api.Config({ accessKeyId, accessKeySecret, endpoint, protocol: "HTTP" }));
const rpc = { version: "2024-05-18", protocol: "HTTPS", pathname: "/", authType: "AK", style: "RPC", reqBodyType: "formData", bodyType: "json" };

async function call(method, action, query, body) {
  const request = new Api.OpenApiRequest({ query: OpenApiUtil.query(query), body });
  return (await client.callApi(new Api.Params({ ...rpc, method, action }), request, new RuntimeOptions({}))).body;
}

async function main() {
  for (const object of objects) {
    const { Id } = await call("POST", "CreatePipelineRun", {}, { ProjectId, Type: "Online", ObjectIds: JSON.stringify([object]) });
    console.log(`${object}: run ${Id}`);
    let run;
    do {
      await sleep(5000);
      run = (await call("GET", "GetPipelineRun", { ProjectId, Id })).Pipeline;
      const stage = run.Stages.find((each) => each.Status !== "Success");
      if (stage?.Status === "Init" && stage.Type !== "Build") await call("POST", "ExecPipelineRunStage", { ProjectId }, { Id, Code: stage.Code });
    } while (["Init", "Running"].includes(run.Status));
    if (run.Status !== "Success") throw new Error(`${object}: ${run.Status}`);
    console.log(`${object}: Success`);
  }
}

main();
