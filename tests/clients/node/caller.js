// Makes the calls that it is told on standard input with the core library of the official Node.js packages, as these make
// theirs. One JSON object a line in, one out: see ../conftest.py.
"use strict";

const readline = require("node:readline");
const { default: Client, OpenApiUtil, $OpenApiUtil } = require("@alicloud/openapi-core");
const { RuntimeOptions } = require("@darabonba/typescript");

const client = new Client(
  new $OpenApiUtil.Config({
    accessKeyId: "emulator-key-id",
    accessKeySecret: "emulator-key-secret",
    endpoint: process.argv[2],
    protocol: "HTTP",
  }),
);

async function carryOut(call) {
  const request = new $OpenApiUtil.OpenApiRequest({
    ...(call.query && { query: OpenApiUtil.query(call.query) }),
    ...(call.body && { body: OpenApiUtil.parseToMap(call.body) }),
  });
  const params = new $OpenApiUtil.Params({
    action: call.action,
    version: "2024-05-18",
    protocol: "HTTPS",
    pathname: "/",
    method: call.method,
    authType: "AK",
    style: "RPC",
    reqBodyType: "formData",
    bodyType: "json",
  });
  try {
    const answer = await client.callApi(params, request, new RuntimeOptions({}));
    return { status: answer.statusCode, body: answer.body };
  } catch (error) {
    return error.statusCode ? { status: error.statusCode, code: error.code } : { status: 0, error: `${error}` };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await carryOut(JSON.parse(line)))}\n`);
  }
}

main();
