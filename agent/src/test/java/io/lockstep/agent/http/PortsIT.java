package io.lockstep.agent.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TestIdentities;
import io.lockstep.agent.tls.TrustAnybody;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the two ports answer, and to whom, over real sockets. */
class PortsIT {
    @TempDir
    private Path directory;

    private TestIdentities identities;
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        identities = new TestIdentities(directory, "ours");
        server = new TestServer(identities.node("gw1"), TestServer.SMALL);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void opsServesWhatWasRegisteredAndNothingElse() throws Exception {
        HttpResponse<String> live = ops("GET", "/live");
        assertThat(live.statusCode()).isEqualTo(200);
        assertThat(live.body()).isEqualTo("{\"state\":\"live\"}");
        assertThat(live.headers().firstValue("Server")).isEmpty();
        assertThat(live.headers().firstValue("X-Powered-By")).isEmpty();

        for (String path : List.of("/", "/tasks/gc", "/healthcheck", "/metrics", "/threads", "/ping", "/v1/whoami")) {
            HttpResponse<String> absent = ops("GET", path);
            assertThat(absent.statusCode()).as(path).isEqualTo(404);
            assertJsonError(absent);
        }
    }

    @Test
    void opsOnlyReads() throws Exception {
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "TRACE", "BREW")) {
            HttpResponse<String> refused = ops(method, "/live");
            assertThat(refused.statusCode()).as(method).isEqualTo(405);
            assertThat(refused.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS");
            assertJsonError(refused);
        }
        HttpResponse<String> options = ops("OPTIONS", "/live");
        assertThat(options.statusCode()).isEqualTo(200);
        assertThat(options.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS");
        assertThat(ops("HEAD", "/live").statusCode()).isEqualTo(200);
        assertThat(ops("HEAD", "/live").body()).isEmpty();
    }

    @Test
    void failuresTellStrangersNothing() throws Exception {
        HttpResponse<String> failed = ops("GET", "/live?fail=1");
        assertThat(failed.statusCode()).isEqualTo(500);
        assertJsonError(failed);
        assertThat(failed.body()).doesNotContain("secret").doesNotContain("Exception");

        assertThat(raw("GARBAGE\r\n\r\n"))
                .startsWith("HTTP/1.1 400")
                .contains("\"remedy\"")
                .doesNotContain("Jetty");
        assertThat(raw("GET /live HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(20_000) + "\r\n\r\n"))
                .startsWith("HTTP/1.1 431")
                .contains("\"remedy\"");
    }

    @Test
    void opsAnswersWhileAllControlThreadsAreBlocked() throws Exception {
        HttpClient client = client(identities.node("gw2"));
        List<CompletableFuture<HttpResponse<String>>> blocked = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            blocked.add(client.sendAsync(
                    HttpRequest.newBuilder(server.control().resolve("/v1/block"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString()));
        }
        Awaitility.await().until(() -> server.resource.blocked.get() >= 2);
        // No thread is left, so that the count stays below the number of calls.
        assertThat(server.resource.blocked).hasValueLessThan(6);
        for (int i = 0; i < 50; i++) {
            assertThat(ops("GET", "/live").statusCode()).isEqualTo(200);
        }
        assertThat(blocked).noneMatch(CompletableFuture::isDone);
        server.resource.release.countDown();
        for (CompletableFuture<HttpResponse<String>> call : blocked) {
            assertThat(call.get().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aMemberIsKnownByItsCertificatesName() throws Exception {
        HttpResponse<String> answer = control(identities.node("gw2"), "GET", "/v1/whoami", "");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("{\"text\":\"gw2\"}");
        assertThat(answer.headers().firstValue("Server")).isEmpty();
    }

    @Test
    void aCertificateOfOursThatIsNoMemberIsForbidden() throws Exception {
        HttpResponse<String> refused = control(identities.node("stranger"), "GET", "/v1/whoami", "");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertJsonError(refused);
        assertThat(refused.body()).contains("stranger");
    }

    @Test
    void noCertificateAForeignOneAndAnExpiredOneGetNoAnswer() throws Exception {
        NodeIdentity foreign = new TestIdentities(directory, "theirs").node("gw2");
        SSLContext nameless = SSLContext.getInstance("TLSv1.3");
        nameless.init(null, new TrustManager[] {new TrustAnybody()}, new SecureRandom());
        // The stranger trusts the server, so that it is the server's refusal that is seen.
        SSLContext foreigner = TrustAnybody.contextOf(foreign);

        for (SSLContext context : List.of(nameless, foreigner, TrustAnybody.contextOf(identities.expired("gw2")))) {
            HttpClient client = HttpClient.newBuilder().sslContext(context).build();
            assertThatThrownBy(() -> client.send(
                            HttpRequest.newBuilder(server.control().resolve("/v1/whoami"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class)
                    .hasStackTraceContaining("alert");
        }
    }

    @Test
    void onlyTls13IsSpoken() throws Exception {
        SSLParameters old = NodeIdentity.clientParameters();
        old.setProtocols(new String[] {"TLSv1.2"});
        HttpClient client = HttpClient.newBuilder()
                .sslContext(identities.node("gw2").clientContext((host, port) -> Optional.of("gw1")))
                .sslParameters(old)
                .build();
        assertThatThrownBy(() -> client.send(
                        HttpRequest.newBuilder(server.control().resolve("/v1/whoami"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()))
                .hasStackTraceContaining("protocol_version");
    }

    @Test
    void controlErrorsAreJson() throws Exception {
        NodeIdentity gw2 = identities.node("gw2");
        assertStatus(control(gw2, "GET", "/v1/refuse", ""), 409, "wait for it");
        assertStatus(control(gw2, "GET", "/v1/fail", ""), 500, "internal error");
        assertStatus(control(gw2, "GET", "/v1/nothing", ""), 404, "path");
        assertStatus(control(gw2, "DELETE", "/v1/whoami", ""), 405, "Allow");
        assertStatus(control(gw2, "POST", "/v1/echo", "{\"text\":"), 400, "JSON");
        assertStatus(control(gw2, "POST", "/v1/echo", "{}"), 400, "text");
        // Its first bytes look like UTF-32, and the rest is none.
        assertStatus(control(gw2, "POST", "/v1/echo", "\0\0\0\0\0\0\0\5{\".nswers\":s\"}"), 400, "UTF-8");
        assertStatus(control(gw2, "POST", "/v1/echo", "{\"text\":\"" + "x".repeat(5000) + "\"}"), 413, "less");
        assertThat(control(gw2, "GET", "/v1/fail", "").body()).doesNotContain("secret");
    }

    @Test
    void aBodyWithoutLengthIsLimitedToo() throws Exception {
        HttpRequest chunked = HttpRequest.newBuilder(server.control().resolve("/v1/echo"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofInputStream(
                        () -> new ByteArrayInputStream(("{\"text\":\"" + "x".repeat(5000) + "\"}").getBytes(US_ASCII))))
                .build();
        assertStatus(client(identities.node("gw2")).send(chunked, HttpResponse.BodyHandlers.ofString()), 413, "less");
    }

    @Test
    void aPortInUseIsNamedWithARemedyAndNothingStaysOpen() throws Exception {
        int opsPort = freePort();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            AgentServer second = new AgentServer(
                    new HttpPorts(
                            new HttpPorts.Listen("127.0.0.1", opsPort),
                            new HttpPorts.Listen("127.0.0.1", taken.getLocalPort())),
                    TestServer.SMALL,
                    identities.node("gw2"),
                    name -> true,
                    List.of(),
                    (environment, ops) -> {});
            assertThatThrownBy(second::start)
                    .isInstanceOf(PortInUseException.class)
                    .hasMessageContaining("control port 127.0.0.1:" + taken.getLocalPort())
                    .hasMessageContaining("ss -ltnp");
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), opsPort).close())
                    .isInstanceOf(IOException.class);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private HttpResponse<String> ops(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.ops().resolve(path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> control(NodeIdentity caller, String method, String path, String body)
            throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.control().resolve(path))
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client(caller).send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static HttpClient client(NodeIdentity caller) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(caller.clientContext((host, port) -> Optional.of("gw1")))
                .sslParameters(NodeIdentity.clientParameters())
                .build();
    }

    private String raw(String request) throws IOException {
        URI ops = server.ops();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ops.getPort())) {
            socket.setSoTimeout(Math.toIntExact(Duration.ofSeconds(10).toMillis()));
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), US_ASCII);
        }
    }

    private static void assertStatus(HttpResponse<String> answer, int status, String words) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertJsonError(answer);
        assertThat(answer.body()).contains(words);
    }

    private static void assertJsonError(HttpResponse<String> answer) {
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(answer.body()).matches("\\{\"error\":\".+\",\"remedy\":\".+\"}");
    }
}
