package io.lockstep.agent.http;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.codahale.metrics.MetricRegistry;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dropwizard.logging.common.ConsoleAppenderFactory;
import io.dropwizard.logging.common.DefaultLoggingFactory;
import io.dropwizard.logging.common.LoggingFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;

/**
 * The agent's log: standard error, one line an event, in UTC, without colours:
 * {@code 2026-01-01T00:00:00,000Z level=INFO thread=loop logger=ModeMachine mode from=SHARED to=RSYNC}. Control
 * characters in a message become spaces, so that no name can forge a line or speak to a terminal. A trace follows on lines that start with {@code !}.
 */
public final class AgentLogging {
    /** The control characters themselves: the pattern's own parser would take the backslash out of an escape. */
    private static final String CONTROLS = "'[\0-\37\177]'";

    private static final String PATTERN = "%d{\"yyyy-MM-dd'T'HH:mm:ss,SSS'Z'\", UTC} level=%p"
            + " thread=%replace(%t){' ', '_'} logger=%c{0} %replace(%m){" + CONTROLS + ", ' '}%n%dwREx";

    /** Tells of each client that did not wait for its answer, as an error with a trace of a hundred lines. */
    private static final String BROKEN_PIPES = "org.glassfish.jersey.server.ServerRuntime$Responder";

    private static final Set<String> LEVELS = Set.of("OFF", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL");

    private AgentLogging() {}

    /**
     * Configures the process's log and returns the factory, whose {@code stop} writes out what is queued.
     *
     * @param level the least level that is written: one of OFF, ERROR, WARN, INFO, DEBUG, TRACE, ALL
     * @param loggers other levels for the loggers of these names and below
     * @param metrics counts the events of each level
     * @throws IllegalArgumentException when a level is none
     */
    public static LoggingFactory configure(String level, Map<String, String> loggers, MetricRegistry metrics) {
        Map<String, JsonNode> overrides = new TreeMap<>();
        overrides.put(BROKEN_PIPES, TextNode.valueOf("OFF"));
        loggers.forEach((name, override) -> overrides.put(name, TextNode.valueOf(requireLevel(override))));
        ConsoleAppenderFactory<ILoggingEvent> console = new ConsoleAppenderFactory<>();
        console.setTarget(ConsoleAppenderFactory.ConsoleStream.STDERR);
        console.setTimeZone(TimeZone.getTimeZone("UTC"));
        console.setLogFormat(PATTERN);
        // Whoever reads standard error may stop reading; the agent must go on, and loses lines instead.
        console.setNeverBlock(true);
        DefaultLoggingFactory factory = new DefaultLoggingFactory();
        factory.setLevel(requireLevel(level));
        factory.setLoggers(overrides);
        factory.setAppenders(List.of(console));
        factory.configure(metrics, "lockstep");
        return factory;
    }

    private static String requireLevel(String level) {
        if (!LEVELS.contains(level)) {
            throw new IllegalArgumentException(
                    "\"" + level + "\" is not a log level; use one of OFF, ERROR, WARN, INFO, DEBUG, TRACE, ALL");
        }
        return level;
    }
}
