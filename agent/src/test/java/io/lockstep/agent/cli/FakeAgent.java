package io.lockstep.agent.cli;

import io.lockstep.agent.http.AgentServer;
import io.lockstep.agent.http.HttpPorts;
import io.lockstep.agent.http.RefusedException;
import io.lockstep.agent.http.TestServer;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.cluster.Hold;
import io.lockstep.cluster.NodeName;
import io.lockstep.generation.GenerationId;
import io.lockstep.wire.AdoptReport;
import io.lockstep.wire.ConflictReport;
import io.lockstep.wire.DiffReport;
import io.lockstep.wire.LogPage;
import io.lockstep.wire.RestoreReport;
import io.lockstep.wire.ShareRegistration;
import io.lockstep.wire.StatusReport;
import io.lockstep.wire.VerifyReport;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A control port that answers what a test says. Members are gw1 and gw2. */
final class FakeAgent implements AutoCloseable {
    volatile StatusReport status = Samples.good();
    volatile DiffReport diff = Samples.equal();
    volatile RestoreReport restore = Samples.restore();
    volatile List<Hold> holds = List.of(Samples.hold());
    volatile List<ShareRegistration> shares = List.of(new ShareRegistration("server", Optional.of("4711"), "4712"));
    volatile ConflictReport conflicts = Samples.noConflicts();
    volatile boolean refuses;
    final Queue<VerifyReport> verifies = new ConcurrentLinkedQueue<>();
    final Queue<String> asked = new ConcurrentLinkedQueue<>();
    private final AgentServer server;

    FakeAgent(NodeIdentity identity) throws IOException {
        server = new AgentServer(
                HttpPorts.anyFree("127.0.0.1"),
                TestServer.SMALL,
                identity,
                Set.of("gw1", "gw2")::contains,
                List.of(),
                (environment, ops) -> {
                    Json.configure(environment.getObjectMapper());
                    environment.jersey().register(new Resource(this));
                });
        server.start();
    }

    int port() {
        return server.controlPort();
    }

    @Override
    public void close() {
        server.stop();
    }

    /** Takes note, and refuses when it should. */
    private <T> T answer(String what, T value) {
        asked.add(what);
        if (refuses) {
            throw new RefusedException(409, "there is no reference yet", "wait until the manager has committed one");
        }
        return value;
    }

    /** The paths of the real resources. */
    @Path("/v1")
    @Produces(MediaType.APPLICATION_JSON)
    @SuppressWarnings("DoNotCallSuggester") // Jersey calls them.
    public static final class Resource {
        private final FakeAgent agent;

        Resource(FakeAgent agent) {
            this.agent = agent;
        }

        @GET
        @Path("/status")
        public StatusReport status() {
            return agent.answer("status", agent.status);
        }

        @GET
        @Path("/diff")
        public DiffReport diff(@QueryParam("what") String what) {
            return agent.answer("diff " + what, agent.diff);
        }

        @POST
        @Path("/verify")
        public VerifyReport verify() {
            return agent.answer("verify", Samples.running());
        }

        @GET
        @Path("/verify/{id}")
        public VerifyReport verified(@PathParam("id") long id) {
            var next = agent.verifies.poll();
            if (next == null) {
                throw new RefusedException(404, "there is no verify run " + id, "start one");
            }
            return agent.answer("verify " + id, next);
        }

        @GET
        @Path("/log")
        public LogPage log(@QueryParam("after") long after) {
            var all = Samples.log().records();
            // Pages of two, so that several are needed.
            return agent.answer(
                    "log " + after,
                    new LogPage(all.stream()
                            .filter(entry -> entry.index() > after)
                            .limit(2)
                            .toList()));
        }

        @GET
        @Path("/holds")
        public List<Hold> holds() {
            return agent.answer("holds", agent.holds);
        }

        @POST
        @Path("/holds/{id}/reject")
        public List<Hold> reject(@PathParam("id") String id) {
            if (agent.holds.stream().noneMatch(hold -> hold.id().equals(id))) {
                throw new RefusedException(404, "no plan " + id + " waits here", "ask for holds: plans change");
            }
            return agent.answer("reject " + id, agent.holds);
        }

        @GET
        @Path("/restore")
        public RestoreReport planRestore(
                @QueryParam("generation") String generation, @QueryParam("path") @Nullable String path) {
            return agent.answer("plan " + generation + " " + path, agent.restore);
        }

        @POST
        @Path("/restore")
        public RestoreReport restore(
                @QueryParam("generation") String generation,
                @QueryParam("path") @Nullable String path,
                @QueryParam("approve") @Nullable String approve) {
            return agent.answer("restore " + generation + " " + path + " " + approve, agent.restore);
        }

        @GET
        @Path("/restore/last")
        public RestoreReport restored() {
            var report = agent.restore;
            agent.restore = report.committed(GenerationId.parse("3.43"));
            return agent.answer("restored", agent.restore);
        }

        @POST
        @Path("/adopt")
        public AdoptReport adopt(@QueryParam("from") @Nullable String from) {
            return agent.answer("adopt " + from, new AdoptReport(new NodeName("gw"), "gives way"));
        }

        @POST
        @Path("/holds/{id}/approve")
        public List<Hold> approve(@PathParam("id") String id) {
            if (agent.holds.stream().noneMatch(hold -> hold.id().equals(id))) {
                throw new RefusedException(404, "no plan " + id + " waits here", "ask for holds: plans change");
            }
            return agent.answer("approve " + id, agent.holds);
        }

        @GET
        @Path("/conflicts")
        public ConflictReport conflicts() {
            return agent.answer("conflicts", agent.conflicts);
        }

        @POST
        @Path("/conflicts/{id}/take")
        public ConflictReport.Conflict take(@PathParam("id") String id, @QueryParam("side") @Nullable String side) {
            return agent.answer(
                    "take " + id + " " + side, agent.conflicts.conflicts().get(0));
        }

        @POST
        @Path("/shares/register")
        public List<ShareRegistration> register(@QueryParam("tree") @Nullable String tree) {
            if (tree != null && !tree.equals("server")) {
                throw new RefusedException(404, "there is no tree called " + tree, "name one of trees[].name");
            }
            return agent.answer("register " + tree, agent.shares);
        }
    }
}
