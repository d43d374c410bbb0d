import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/**
 * Runs all cases, each with a channel of its own, and prints a line of JSON for each, as lines.ts reads them.
 * Main HOST:PORT PREFIX [CA_FILE], over TLS if there is one.
 */
public final class Main {
  public static void main(String[] args) throws Exception {
    ChannelCredentials credentials =
        args.length > 2
            ? TlsChannelCredentials.newBuilder().trustManager(new File(args[2])).build()
            : InsecureChannelCredentials.create();
    int number = 0;
    for (Map.Entry<String, Cases.Body> one : Cases.ALL.entrySet()) {
      ManagedChannel channel =
          Grpc.newChannelBuilder(args[0], credentials).maxInboundMessageSize(16 * 1024 * 1024).build();
      String failure = null;
      try {
        one.getValue().run(channel, args[1] + "grpc-java/" + number++ + "/");
      } catch (Throwable error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        failure = text.toString();
      } finally {
        channel.shutdownNow();
      }
      String detail = failure == null ? "" : ", \"detail\": " + quoted(failure);
      System.out.println("{\"case\": " + quoted(one.getKey()) + ", \"ok\": " + (failure == null) + detail + "}");
    }
    System.exit(0);
  }

  private static String quoted(String text) {
    StringBuilder json = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') json.append('\\').append(c);
      else if (c < ' ') json.append(String.format("\\u%04x", (int) c));
      else json.append(c);
    }
    return json.append('"').toString();
  }
}
