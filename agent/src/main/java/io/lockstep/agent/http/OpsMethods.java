package io.lockstep.agent.http;

import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Lets only reading methods through to the ops port's servlets. */
final class OpsMethods extends Handler.Wrapper {
    private static final String ALLOWED = "GET, HEAD, OPTIONS";
    private static final Set<String> READING = Set.of("GET", "HEAD");

    OpsMethods(Handler handler) {
        super(handler);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        if (READING.contains(request.getMethod())) {
            return super.handle(request, response, callback);
        }
        response.getHeaders().put(HttpHeader.ALLOW, ALLOWED);
        if (request.getMethod().equals("OPTIONS")) {
            // HttpServlet would answer with TRACE among the methods, which is never served.
            response.setStatus(200);
            callback.succeeded();
            return true;
        }
        return JsonAnswer.send(response, callback, 405, "this port is for reading only");
    }
}
