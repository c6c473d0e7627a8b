package io.lockstep.agent.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.exc.InvalidDefinitionException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.dropwizard.jersey.validation.JerseyViolationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.io.CharConversionException;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns whatever a resource throws into {@link ErrorBody}. A failure that nobody foresaw is logged with its trace. */
final class JsonExceptionMapper implements ExceptionMapper<Throwable> {
    private static final Logger LOG = LoggerFactory.getLogger(JsonExceptionMapper.class);

    @Override
    public Response toResponse(Throwable thrown) {
        if (thrown instanceof RefusedException refused) {
            return answer(refused.status(), refused.body());
        }
        // Jetty's refusal of a body that is too large arrives wrapped in what was reading the body.
        HttpException http = find(thrown);
        if (http != null) {
            return answer(http.getCode(), ErrorBody.ofStatus(http.getCode(), http.getReason()));
        }
        if (thrown instanceof WebApplicationException known) {
            return ofWebApplication(known);
        }
        if (thrown instanceof JsonProcessingException json && isOfRequest(json)) {
            return answer(
                    400, ErrorBody.ofStatus(400, "the body is not the JSON expected: " + json.getOriginalMessage()));
        }
        if (thrown instanceof CharConversionException) {
            // Jackson guesses the encoding by the first bytes, and fails so when the rest is not in it.
            return answer(400, ErrorBody.ofStatus(400, "the body is not text in UTF-8"));
        }
        LOG.error("request failed", thrown);
        return answer(500, ErrorBody.ofStatus(500, "internal error"));
    }

    private static Response ofWebApplication(WebApplicationException known) {
        Response given = known.getResponse();
        if (given.hasEntity() || given.getStatus() < 400) {
            return given;
        }
        if (given.getStatus() >= 500) {
            LOG.error("request failed status={}", given.getStatus(), known);
        }
        ErrorBody body =
                ErrorBody.ofStatus(given.getStatus(), given.getStatusInfo().getReasonPhrase());
        Response.ResponseBuilder answer = Response.status(given.getStatus())
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(body);
        String allowed = given.getHeaderString(HttpHeaders.ALLOW);
        return (allowed == null ? answer : answer.header(HttpHeaders.ALLOW, allowed)).build();
    }

    /** Reading a request's body fails in the parser or the binding; anything else is this agent's own mistake. */
    private static boolean isOfRequest(JsonProcessingException failure) {
        return failure instanceof StreamReadException
                || (failure instanceof MismatchedInputException && !(failure instanceof InvalidDefinitionException));
    }

    private static @Nullable HttpException find(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpException http) {
                return http;
            }
        }
        return null;
    }

    private static Response answer(int status, ErrorBody body) {
        return Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .entity(body)
                .build();
    }

    /** Jersey brings a mapper of its own for these, which is nearer than one for everything and has no words. */
    static final class Violations implements ExceptionMapper<JerseyViolationException> {
        @Override
        public Response toResponse(JerseyViolationException invalid) {
            String problems = invalid.getConstraintViolations().stream()
                    .map(violation -> violation.getPropertyPath() + " " + violation.getMessage())
                    .sorted()
                    .collect(Collectors.joining("; "));
            return answer(400, ErrorBody.ofStatus(400, "the request is not valid: " + problems));
        }
    }
}
