package io.lockstep.agent.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.DefaultJoranConfigurator;
import com.codahale.metrics.MetricRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class AgentLoggingTest {
    private final PrintStream standardError = System.err;

    @AfterEach
    void restore() {
        System.setErr(standardError);
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        DefaultJoranConfigurator tests = new DefaultJoranConfigurator();
        tests.setContext(context);
        tests.configure(context);
    }

    @Test
    void anEventIsOneLineOfKeysAndValuesOnStandardError() {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        System.setErr(new PrintStream(written, true, UTF_8));
        var factory = AgentLogging.configure("INFO", Map.of("io.quiet", "WARN"), new MetricRegistry());
        Logger log = LoggerFactory.getLogger("io.lockstep.Example");

        log.info("mode from={} to={}", "SHARED", "a\n\u001bb");
        log.debug("not this");
        LoggerFactory.getLogger("io.quiet.Sub").info("nor this");
        LoggerFactory.getLogger("org.glassfish.jersey.server.ServerRuntime$Responder")
                .error("nor that a client went away");
        factory.stop();
        ((LoggerContext) LoggerFactory.getILoggerFactory()).stop();

        List<String> lines = written.toString(UTF_8).lines().toList();
        assertThat(lines).hasSize(1);
        assertThat(lines.get(0))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d,\\d{3}Z level=INFO thread=\\S+ logger=Example"
                        + " mode from=SHARED to=a {2}b");
    }

    @Test
    void aLevelThatIsNoneIsRefused() {
        assertThatThrownBy(() -> AgentLogging.configure("LOUD", Map.of(), new MetricRegistry()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LOUD");
    }
}
