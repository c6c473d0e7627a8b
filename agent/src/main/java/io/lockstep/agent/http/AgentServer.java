package io.lockstep.agent.http;

import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.health.HealthCheckRegistry;
import io.dropwizard.core.Configuration;
import io.dropwizard.core.setup.Environment;
import io.dropwizard.jackson.Jackson;
import io.dropwizard.jersey.validation.Validators;
import io.dropwizard.jetty.MutableServletContextHandler;
import io.dropwizard.jetty.setup.ServletEnvironment;
import io.lockstep.agent.tls.NodeIdentity;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Both ports of an agent, on Dropwizard without its command line. Started once and stopped once, by one thread.
 *
 * <p>Everything that is served is registered at construction: Jersey resources and managed objects with Dropwizard's
 * Environment, servlets of the ops port with the second argument of {@link Registrations}.
 */
public final class AgentServer {
    private static final Logger LOG = LoggerFactory.getLogger(AgentServer.class);

    private final HttpPorts ports;
    private final Environment environment;
    private final Server ops;
    private final Server control;

    /** Registers what the two ports serve. */
    @FunctionalInterface
    public interface Registrations {
        /**
         * Called once, before anything starts.
         *
         * @param environment for resources of the control port and managed objects
         * @param ops for the servlets of the ops port; its thread pool is small, so they answer from memory
         */
        void register(Environment environment, ServletEnvironment ops);
    }

    /**
     * Builds both servers without opening a port.
     *
     * @param identity this node's certificate and the authorities of its peers
     * @param members which common names may use the control port; asked for each request, from any thread
     * @param streams the raw streams of the control port
     */
    public AgentServer(
            HttpPorts ports,
            HttpLimits limits,
            NodeIdentity identity,
            Predicate<String> members,
            List<StreamRoute> streams,
            Registrations registrations) {
        this.ports = ports;
        this.environment = new Environment(
                "lockstep",
                Jackson.newObjectMapper(),
                Validators.newValidatorFactory(),
                new MetricRegistry(),
                AgentServer.class.getClassLoader(),
                new HealthCheckRegistry(),
                new Configuration());
        MutableServletContextHandler opsContext = new MutableServletContextHandler();
        registrations.register(environment, new ServletEnvironment(opsContext));
        AgentServerFactory factory = new AgentServerFactory(ports, limits, identity, members, streams);
        this.ops = factory.buildOps(opsContext, environment.metrics());
        this.control = factory.build(environment);
    }

    /**
     * Opens both ports, then starts the ops port and after it the control port with all managed objects. When it fails,
     * nothing stays open.
     *
     * @throws PortInUseException when a port can't be had
     */
    public void start() throws IOException {
        try {
            open("ops", ports.ops(), ops);
            open("control", ports.control(), control);
            ops.start();
            control.start();
        } catch (IOException | RuntimeException e) {
            stop();
            throw e;
        } catch (Exception e) {
            stop();
            throw new IOException("the agent's servers did not start (" + e.getMessage() + ")", e);
        }
        LOG.info(
                "listening ops={}:{} control={}:{}",
                ports.ops().host(),
                opsPort(),
                ports.control().host(),
                controlPort());
    }

    /** Stops the control port with all managed objects and streams, then the ops port. Waits at most the limit for each. */
    public void stop() {
        stop("control", control);
        stop("ops", ops);
    }

    /** The port that the ops port is bound to; after {@link #start}. */
    public int opsPort() {
        return connector(ops).getLocalPort();
    }

    /** The port that the control port is bound to; after {@link #start}. */
    public int controlPort() {
        return connector(control).getLocalPort();
    }

    /** How many raw streams are open. */
    public int openStreams() {
        return control.getDescendants(StreamHandler.class).stream()
                .mapToInt(StreamHandler::openStreams)
                .sum();
    }

    /** Dropwizard's environment: object mapper, validator, metrics. */
    public Environment environment() {
        return environment;
    }

    private static void open(String use, HttpPorts.Listen listen, Server server) throws PortInUseException {
        try {
            // Jetty would open it within start, and tell of a failure without the remedy.
            connector(server).open();
        } catch (IOException e) {
            throw new PortInUseException(use, listen, e);
        }
    }

    private static void stop(String use, Server server) {
        try {
            connector(server).close();
            server.stop();
        } catch (TimeoutException e) {
            LOG.warn("stop cut requests short port={}", use);
        } catch (Exception e) {
            LOG.warn("stop failed port={}", use, e);
        }
    }

    private static ServerConnector connector(Server server) {
        return (ServerConnector) server.getConnectors()[0];
    }
}
