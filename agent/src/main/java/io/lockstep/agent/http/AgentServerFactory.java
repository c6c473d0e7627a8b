package io.lockstep.agent.http;

import com.codahale.metrics.MetricRegistry;
import io.dropwizard.core.server.AbstractServerFactory;
import io.dropwizard.core.setup.Environment;
import io.dropwizard.jetty.MutableServletContextHandler;
import io.dropwizard.metrics.jetty12.InstrumentedQueuedThreadPool;
import io.lockstep.agent.tls.NodeIdentity;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.server.handler.SizeLimitHandler;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Builds the two servers. They are two, with a thread pool each, because Jetty continues some requests on the pool of
 * the server and not of the connector: with one server, blocked control requests could delay a health probe.
 *
 * <p>Dropwizard's admin context (tasks, thread dumps, health checks) is built by its Environment and mounted nowhere.
 */
final class AgentServerFactory extends AbstractServerFactory {
    private static final int REQUEST_HEADER_BYTES = 8192;

    /** One thread accepts and one selects on each port. */
    private static final int ACCEPTORS = 1;

    private static final int SELECTORS = 1;

    /** Once stopping, a kept connection without a byte for this long is closed; by default each stop would take 1 s. */
    private static final Duration SHUTDOWN_IDLE = Duration.ofMillis(200);

    private final HttpPorts ports;
    private final HttpLimits limits;
    private final NodeIdentity identity;
    private final Predicate<String> members;
    private final List<StreamRoute> streams;

    AgentServerFactory(
            HttpPorts ports,
            HttpLimits limits,
            NodeIdentity identity,
            Predicate<String> members,
            List<StreamRoute> streams) {
        this.ports = ports;
        this.limits = limits;
        this.identity = identity;
        this.members = members;
        this.streams = List.copyOf(streams);
        setRegisterDefaultExceptionMappers(false);
    }

    /** Nothing beyond {@link #build}: contexts stay at the root. */
    @Override
    public void configure(Environment environment) {}

    /** The server of the control port. Dropwizard's managed objects start and stop with it. */
    @Override
    public Server build(Environment environment) {
        Server server = buildServer(
                environment.lifecycle(), threads("control", limits.controlThreads(), environment.metrics()));
        environment.jersey().register(new JsonExceptionMapper());
        environment.jersey().register(new JsonExceptionMapper.Violations());
        environment.jersey().register(PeerSecurityFilter.class);
        MutableServletContextHandler context = environment.getApplicationContext();
        context.setErrorHandler(new JsonAnswer.Errors());
        Handler jersey = createAppServlet(
                server,
                environment.jersey(),
                environment.getObjectMapper(),
                environment.getValidator(),
                context,
                environment.getJerseyServletContainer(),
                environment.metrics());
        SizeLimitHandler sized = new SizeLimitHandler(limits.requestBodyBytes(), -1);
        sized.setHandler(jersey);
        SslContextFactory.Server tls = new SslContextFactory.Server();
        tls.setSslContext(identity.serverContext());
        tls.setIncludeProtocols(NodeIdentity.PROTOCOL);
        tls.setNeedClientAuth(true);
        HttpConfiguration http = httpConfiguration();
        // The client checks the host's name; a Host header that differs from the certificate harms nobody here.
        http.addCustomizer(new SecureRequestCustomizer(false));
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        return complete(
                server,
                new MemberCheck(members, new StreamHandler(streams, limits, sized)),
                ports.control(),
                limits.controlConnections(),
                limits.controlIdle(),
                new SslConnectionFactory(tls, plain.getProtocol()),
                plain);
    }

    /** The server of the ops port, with the servlets of {@code context} and nothing else. */
    Server buildOps(MutableServletContextHandler context, MetricRegistry metrics) {
        Server server = new Server(threads("ops", limits.opsThreads(), metrics));
        context.setErrorHandler(new JsonAnswer.Errors());
        context.getServletHandler().setEnsureDefaultServlet(false);
        return complete(
                server,
                new OpsMethods(context),
                ports.ops(),
                limits.opsConnections(),
                limits.opsIdle(),
                new HttpConnectionFactory(httpConfiguration()));
    }

    private Server complete(
            Server server,
            Handler handler,
            HttpPorts.Listen listen,
            int connections,
            Duration idle,
            ConnectionFactory... factories) {
        ServerConnector connector = new ServerConnector(server, ACCEPTORS, SELECTORS, factories);
        connector.setHost(listen.host());
        connector.setPort(listen.port());
        connector.setIdleTimeout(idle.toMillis());
        connector.setAcceptedTcpNoDelay(true);
        connector.setShutdownIdleTimeout(SHUTDOWN_IDLE.toMillis());
        server.addConnector(connector);
        server.addBean(new NetworkConnectionLimit(connections, connector));
        server.setHandler(new GracefulHandler(handler));
        server.setErrorHandler(new JsonAnswer.Errors());
        server.setStopTimeout(limits.stop().toMillis());
        // The process ends its parts in its own order.
        server.setStopAtShutdown(false);
        return server;
    }

    private static QueuedThreadPool threads(String name, int most, MetricRegistry metrics) {
        QueuedThreadPool pool = new InstrumentedQueuedThreadPool(metrics, most, Math.min(4, most));
        pool.setName(name);
        return pool;
    }

    private static HttpConfiguration httpConfiguration() {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setRequestHeaderSize(REQUEST_HEADER_BYTES);
        return http;
    }
}
