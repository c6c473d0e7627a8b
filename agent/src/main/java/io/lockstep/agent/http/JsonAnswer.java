package io.lockstep.agent.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** Answers with {@link ErrorBody} from Jetty's handlers, for refusals that come before or beside Jersey. */
final class JsonAnswer {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonAnswer() {}

    /** Sends the refusal and completes {@code callback}; always true, for use as a handler's result. */
    static boolean send(Response response, Callback callback, int status, ErrorBody body) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        ByteBuffer json = ByteBuffer.wrap(toJson(body).getBytes(StandardCharsets.UTF_8));
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, json.remaining());
        response.write(true, json, callback);
        return true;
    }

    static boolean send(Response response, Callback callback, int status, String error) {
        return send(response, callback, status, ErrorBody.ofStatus(status, error));
    }

    private static String toJson(ErrorBody body) {
        try {
            return JSON.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("two strings can always be written as JSON", e);
        }
    }

    /** Replaces Jetty's error pages, whose stack traces and origins no stranger should see. */
    static final class Errors extends ErrorHandler {
        @Override
        public boolean errorPageForMethod(String method) {
            return true;
        }

        @Override
        protected void generateResponse(
                Request request,
                Response response,
                int code,
                String message,
                @Nullable Throwable cause,
                Callback callback) {
            String said = code >= 500 ? HttpStatus.getMessage(code) : message;
            send(response, callback, code, said);
        }
    }
}
