package io.lockstep.agent.config;

import java.util.Map;
import org.slf4j.event.Level;

/**
 * What the agent writes to its log.
 *
 * @param level of every logger that {@code loggers} doesn't name
 * @param loggers levels by a logger's name, such as {@code io.lockstep.agent.rsync}
 */
public record LoggingConfiguration(Level level, Map<String, Level> loggers) {
    public static final LoggingConfiguration DEFAULTS = new LoggingConfiguration(Level.INFO, Map.of());

    public LoggingConfiguration {
        loggers = Map.copyOf(loggers);
    }
}
