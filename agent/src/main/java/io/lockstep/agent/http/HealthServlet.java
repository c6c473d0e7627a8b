package io.lockstep.agent.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lockstep.agent.json.Json;
import io.lockstep.generation.GenerationId;
import io.lockstep.health.AgentSnapshot;
import io.lockstep.health.HealthAnswer;
import io.lockstep.health.HealthLimits;
import io.lockstep.health.HealthRules;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One health endpoint: 200 or 503, with the reason in JSON. Answers from the snapshot, so it never waits for a disk, a
 * peer or the control loop.
 */
public final class HealthServlet extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final Pattern LAG = Pattern.compile("([0-9]{1,6})(ms|s|m|h)?");

    private final transient Question question;
    private final transient Supplier<AgentSnapshot> snapshot;
    private final transient HealthLimits limits;
    private final transient InstantSource clock;
    private final transient ObjectMapper json = Json.mapper();
    private final boolean takesLag;

    /** What an endpoint asks: one of the functions of {@link HealthRules}. */
    @FunctionalInterface
    public interface Question {
        HealthAnswer ask(AgentSnapshot snapshot, HealthLimits limits, Instant now);
    }

    /** @param takesLag whether the endpoint has the parameter {@code lag} */
    public HealthServlet(
            Question question,
            Supplier<AgentSnapshot> snapshot,
            HealthLimits limits,
            InstantSource clock,
            boolean takesLag) {
        this.question = question;
        this.snapshot = snapshot;
        this.limits = limits;
        this.clock = clock;
        this.takesLag = takesLag;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        var unknown = Collections.list(request.getParameterNames()).stream()
                .filter(name -> !takesLag || !name.equals("lag"))
                .findFirst();
        if (unknown.isPresent()) {
            // An answer that ignored a condition would be a lie.
            refuse(response, "this endpoint has no parameter " + unknown.get());
            return;
        }
        var asked = limits;
        var lag = request.getParameter("lag");
        if (lag != null) {
            var match = LAG.matcher(lag);
            if (!match.matches()) {
                refuse(response, "lag is a number with ms, s, m or h, such as 30s");
                return;
            }
            asked = limits.withReadyLag(duration(Long.parseLong(match.group(1)), match.group(2)));
        }
        answer(response, question.ask(snapshot.get(), asked, clock.instant()));
    }

    private static Duration duration(long number, @Nullable String unit) {
        return switch (unit == null ? "s" : unit) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofSeconds(number);
        };
    }

    private void answer(HttpServletResponse response, HealthAnswer answer) throws IOException {
        var body = json.createObjectNode();
        body.put("state", answer.state().name().toLowerCase(Locale.ROOT));
        body.put("reason", answer.reason().name());
        body.put("remedy", answer.remedy());
        body.put("observedAt", answer.observedAt().toString());
        body.put("evidenceAgeSeconds", answer.evidenceAgeSeconds());
        body.put("mode", answer.mode().name());
        body.put("epoch", answer.epoch());
        body.put("generation", answer.generation().map(GenerationId::toString).orElse(null));
        body.put("rootDigest", answer.rootDigest().map(Object::toString).orElse(null));
        send(response, answer.ok(), body);
    }

    private void refuse(HttpServletResponse response, String remedy) throws IOException {
        var body = json.createObjectNode();
        body.put("state", "no");
        body.put("reason", "BAD_QUESTION");
        body.put("remedy", remedy);
        send(response, false, body);
    }

    private void send(HttpServletResponse response, boolean ok, ObjectNode body) throws IOException {
        var bytes = json.writeValueAsBytes(body);
        response.setStatus(ok ? HttpServletResponse.SC_OK : HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        response.setContentType("application/json");
        response.setHeader("Cache-Control", "no-store");
        response.setContentLength(bytes.length + 1);
        response.getOutputStream().write(bytes);
        response.getOutputStream().write('\n');
    }
}
