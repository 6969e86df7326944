import com.aliyun.tea.TeaException;
import com.aliyun.teaopenapi.Client;
import com.aliyun.teaopenapi.models.Config;
import com.aliyun.teaopenapi.models.OpenApiRequest;
import com.aliyun.teaopenapi.models.Params;
import com.aliyun.teautil.models.RuntimeOptions;
import com.google.gson.Gson;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Makes the calls that it is told on standard input with the core library of the official Java packages, as these make
 * theirs. One JSON object a line in, one out: see ../conftest.py.
 */
public final class Caller {
  private static final Gson GSON = new Gson();

  private static final class Call {
    private String action;
    private String method;
    private Map<String, String> query;
    private Map<String, String> body;
  }

  private static Params params(Call call) {
    return new Params()
        .setAction(call.action)
        .setVersion("2024-05-18")
        .setProtocol("HTTPS")
        .setPathname("/")
        .setMethod(call.method)
        .setAuthType("AK")
        .setStyle("RPC")
        .setReqBodyType("formData")
        .setBodyType("json");
  }

  private static Map<String, ?> carryOut(Client client, Call call) throws Exception {
    OpenApiRequest request = new OpenApiRequest();
    if (call.query != null) {
      request.setQuery(com.aliyun.openapiutil.Client.query(call.query));
    }
    if (call.body != null) {
      request.setBody(com.aliyun.openapiutil.Client.parseToMap(call.body));
    }
    try {
      Map<String, ?> answer = client.callApi(params(call), request, new RuntimeOptions());
      return Map.of("status", answer.get("statusCode"), "body", answer.get("body"));
    } catch (TeaException refused) {
      return Map.of("status", refused.getStatusCode(), "code", refused.getCode());
    }
  }

  public static void main(String[] arguments) throws Exception {
    Client client =
        new Client(
            new Config()
                .setAccessKeyId("emulator-key-id")
                .setAccessKeySecret("emulator-key-secret")
                .setEndpoint(arguments[0])
                .setProtocol("HTTP"));
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      byte[] told = GSON.toJson(carryOut(client, GSON.fromJson(line, Call.class))).getBytes(StandardCharsets.UTF_8);
      System.out.write(told, 0, told.length);
      System.out.println();
    }
    System.exit(0); // the library keeps threads of its own
  }
}
