package io.lockstep.agent.app;

import io.dropwizard.core.setup.Environment;
import io.dropwizard.jetty.setup.ServletEnvironment;
import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.MemberAddress;
import io.lockstep.agent.http.Adopter;
import io.lockstep.agent.http.AgentServer;
import io.lockstep.agent.http.ConflictResource;
import io.lockstep.agent.http.HealthServlet;
import io.lockstep.agent.http.HttpLimits;
import io.lockstep.agent.http.HttpPorts;
import io.lockstep.agent.http.MemberResource;
import io.lockstep.agent.http.MetricsServlet;
import io.lockstep.agent.http.OperatorResource;
import io.lockstep.agent.http.Restorer;
import io.lockstep.agent.http.StreamRoute;
import io.lockstep.agent.http.Verifier;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.loop.Conflicts;
import io.lockstep.agent.loop.ControlLoop;
import io.lockstep.agent.loop.LoopSettings;
import io.lockstep.agent.loop.Share;
import io.lockstep.agent.metrics.AgentMetrics;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.health.HealthRules;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Collectors;

/** What answers on the agent's two ports: health and metrics on the one, members and operators on the other. */
final class AgentPorts {
    static final String STREAM_PROTOCOL = "lockstep-rsync";

    private final AgentConfiguration configuration;
    private final ControlLoop loop;
    private final LoopSettings settings;
    private final AgentMetrics metrics;
    private final InstantSource clock;

    AgentPorts(
            AgentConfiguration configuration,
            ControlLoop loop,
            LoopSettings settings,
            AgentMetrics metrics,
            InstantSource clock) {
        this.configuration = configuration;
        this.loop = loop;
        this.settings = settings;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** What operators ask for that takes its time. */
    record Operators(Restorer restorer, Adopter adopter) {}

    /** Builds the server without opening a port. */
    AgentServer open(
            NodeIdentity identity, Share share, Conflicts conflicts, ReplicaStreams streams, Operators operators) {
        var names = configuration.cluster().members().stream()
                .map(MemberAddress::name)
                .collect(Collectors.toSet());
        var ops = configuration.ops();
        var ports = new HttpPorts(
                new HttpPorts.Listen(ops.host(), ops.port()),
                new HttpPorts.Listen(
                        configuration.control().host(), configuration.control().port()));
        return new AgentServer(
                ports,
                limits(),
                identity,
                names::contains,
                List.of(new StreamRoute(ParcelPull.RSYNC_PATH, STREAM_PROTOCOL, streams)),
                (environment, servlets) -> register(environment, servlets, share, conflicts, operators));
    }

    private HttpLimits limits() {
        var d = HttpLimits.defaults();
        return new HttpLimits(
                d.requestBodyBytes(),
                d.opsThreads(),
                d.controlThreads(),
                d.opsConnections(),
                d.controlConnections(),
                d.opsIdle(),
                d.controlIdle(),
                configuration.rsync().maxServed(),
                d.streamPayloadBytes(),
                d.streamIdle(),
                d.stop());
    }

    private void register(
            Environment environment,
            ServletEnvironment servlets,
            Share share,
            Conflicts conflicts,
            Operators operators) {
        Json.configure(environment.getObjectMapper());
        environment.jersey().register(new MemberResource(loop));
        environment
                .jersey()
                .register(new OperatorResource(
                        loop,
                        new Verifier(loop, share, clock),
                        operators.restorer(),
                        operators.adopter(),
                        settings.limits(),
                        clock));
        environment.jersey().register(new ConflictResource(loop, conflicts));
        health(servlets, "/live", HealthRules::live, false);
        health(servlets, "/ready", HealthRules::ready, true);
        // A load balancer that was given the port alone asks for the root.
        health(servlets, "", HealthRules::ready, true);
        health(servlets, "/manager", HealthRules::manager, false);
        health(servlets, "/worker", HealthRules::worker, false);
        health(servlets, "/writable", HealthRules::writable, false);
        health(servlets, "/mount", HealthRules::mount, false);
        servlets.addServlet("metrics", new MetricsServlet(metrics::scrape)).addMapping("/metrics");
    }

    private void health(ServletEnvironment servlets, String path, HealthServlet.Question question, boolean takesLag) {
        var servlet = new HealthServlet(question, loop::snapshot, settings.limits(), clock, takesLag);
        servlets.addServlet("health" + path, servlet).addMapping(path);
    }
}
