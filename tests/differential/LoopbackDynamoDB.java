import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBRequestHandler;
import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBServerHandler;
import java.net.InetSocketAddress;
import org.eclipse.jetty.server.Server;

/**
 * DynamoDB Local, in memory, for this machine only: its own main program listens on every interface, and reports its
 * use over the network.
 */
public final class LoopbackDynamoDB {
    private static final boolean IN_MEMORY = true;
    private static final boolean SHARED_BY_ALL_KEYS = true;
    private static final boolean WITH_DELAYS = false;

    public static void main(String[] arguments) throws Exception {
        var requests = new LocalDynamoDBRequestHandler(0, IN_MEMORY, null, SHARED_BY_ALL_KEYS, WITH_DELAYS);
        var server = new Server(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])));
        server.setHandler(new LocalDynamoDBServerHandler(requests, "*"));
        server.start();
        server.join();
    }
}
