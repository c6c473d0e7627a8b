package io.lockstep.agent.http;

import io.dropwizard.jetty.setup.ServletEnvironment;
import io.lockstep.agent.tls.NodeIdentity;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An agent's transport with a few resources that answer, fail, block and drip. Members are gw1 and gw2. */
public final class TestServer implements AutoCloseable {
    public static final HttpLimits SMALL = new HttpLimits(
            4096,
            5,
            5,
            32,
            32,
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            2,
            1 << 20,
            Duration.ofSeconds(5),
            Duration.ofSeconds(2));

    public final Resource resource = new Resource();
    public final AgentServer server;

    public TestServer(NodeIdentity identity, HttpLimits limits, StreamService... streams) throws IOException {
        this.server = new AgentServer(
                HttpPorts.anyFree("127.0.0.1"),
                limits,
                identity,
                Set.of("gw1", "gw2")::contains,
                List.of(streams).stream()
                        .map(service -> new StreamRoute("/v1/rsync", "lockstep-rsync", service))
                        .toList(),
                (environment, ops) -> {
                    environment.jersey().register(resource);
                    registerOps(ops);
                });
        server.start();
    }

    private static void registerOps(ServletEnvironment ops) {
        ops.addServlet("live", new Live()).addMapping("/live");
    }

    public URI ops() {
        return URI.create("http://127.0.0.1:" + server.opsPort());
    }

    public URI control() {
        return URI.create("https://127.0.0.1:" + server.controlPort());
    }

    @Override
    public void close() {
        resource.release.countDown();
        server.stop();
    }

    public record Greeting(@NotNull String text) {}

    private static final class Live extends HttpServlet {
        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (request.getParameter("fail") != null) {
                throw new IllegalStateException("a secret");
            }
            response.setContentType("application/json");
            response.getWriter().write("{\"state\":\"live\"}");
        }
    }

    @Path("/v1")
    @Produces(MediaType.APPLICATION_JSON)
    @SuppressWarnings("DoNotCallSuggester") // Jersey calls them.
    public static final class Resource {
        public final CountDownLatch release = new CountDownLatch(1);
        public final AtomicInteger blocked = new AtomicInteger();
        public final AtomicInteger dripsEnded = new AtomicInteger();

        @GET
        @Path("/whoami")
        public Greeting whoami(@Context SecurityContext security) {
            return new Greeting(security.getUserPrincipal().getName());
        }

        @POST
        @Path("/echo")
        @Consumes(MediaType.APPLICATION_JSON)
        public Greeting echo(@Valid @NotNull Greeting greeting) {
            return greeting;
        }

        @GET
        @Path("/refuse")
        public Greeting refuse() {
            throw new RefusedException(409, "not now", "wait for it");
        }

        @GET
        @Path("/fail")
        public Greeting fail() {
            throw new IllegalStateException("a secret");
        }

        @GET
        @Path("/block")
        public Greeting block() throws InterruptedException {
            blocked.incrementAndGet();
            release.await();
            return new Greeting("released");
        }

        @GET
        @Path("/large")
        public Greeting large() {
            return new Greeting("x".repeat(100_000));
        }

        @GET
        @Path("/garbage")
        public Response garbage() {
            return Response.ok("{\"text\":", MediaType.APPLICATION_JSON).build();
        }

        /** Sends its head, then a byte from time to time, until the caller has gone. */
        @GET
        @Path("/drip")
        public Response drip() {
            StreamingOutput body = out -> {
                try {
                    // Jersey keeps the first 8 KiB back.
                    out.write(" ".repeat(10_000).getBytes(StandardCharsets.US_ASCII));
                    while (!release.await(20, TimeUnit.MILLISECONDS)) {
                        out.write(' ');
                        out.flush();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    dripsEnded.incrementAndGet();
                }
            };
            return Response.ok(body).build();
        }
    }
}
