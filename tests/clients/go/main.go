// Makes the calls that it is told on standard input with the core library of the official Go packages, as these make
// theirs. One JSON object a line in, one out: see ../conftest.py.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapiutil "github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

type call struct {
	Action string
	Method string
	Query  map[string]string
	Body   map[string]string
}

type told struct {
	Status interface{} `json:"status"`
	Code   string      `json:"code,omitempty"`
	Body   interface{} `json:"body,omitempty"`
	Error  string      `json:"error,omitempty"`
}

func params(made call) *openapiutil.Params {
	return &openapiutil.Params{
		Action:      dara.String(made.Action),
		Version:     dara.String("2024-05-18"),
		Protocol:    dara.String("HTTPS"),
		Pathname:    dara.String("/"),
		Method:      dara.String(made.Method),
		AuthType:    dara.String("AK"),
		Style:       dara.String("RPC"),
		ReqBodyType: dara.String("formData"),
		BodyType:    dara.String("json"),
	}
}

func carryOut(client *openapi.Client, made call) told {
	request := &openapiutil.OpenApiRequest{}
	if made.Query != nil {
		request.Query = openapiutil.Query(made.Query)
	}
	if made.Body != nil {
		request.Body = openapiutil.ParseToMap(made.Body)
	}
	answer, err := client.CallApi(params(made), request, &dara.RuntimeOptions{})
	if err == nil {
		return told{Status: answer["statusCode"], Body: answer["body"]}
	}
	var refused *tea.SDKError
	if errors.As(err, &refused) && refused.StatusCode != nil {
		return told{Status: *refused.StatusCode, Code: tea.StringValue(refused.Code)}
	}
	return told{Error: err.Error()}
}

func main() {
	client, err := openapi.NewClient(&openapiutil.Config{
		AccessKeyId:     dara.String("emulator-key-id"),
		AccessKeySecret: dara.String("emulator-key-secret"),
		Endpoint:        dara.String(os.Args[1]),
		Protocol:        dara.String("HTTP"),
	})
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var made call
		if err := json.Unmarshal(lines.Bytes(), &made); err != nil {
			panic(err)
		}
		if err := json.NewEncoder(os.Stdout).Encode(carryOut(client, made)); err != nil {
			panic(err)
		}
	}
}
