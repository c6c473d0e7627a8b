package io.lockstep.agent.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.lockstep.agent.json.Json;
import io.lockstep.agent.peer.StreamClient;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.wire.PullRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a member with a valid certificate may ask for, and what not. */
@Timeout(60)
class ReplicaStreamsIT {
    private static final Duration WAIT = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    @SuppressWarnings("NullAway.Init")
    private PullFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = new PullFixture(directory, "gw1");
        fixture.publish("api/a.xml", "<a/>");
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
    }

    /** What the member sends, to a peer that says nothing but this. */
    private byte[] answerTo(byte[] payload) throws IOException {
        var client = new StreamClient(fixture.identity, Json.mapper(), "lockstep-rsync");
        try (var stream =
                client.open(fixture.addresses().get(new NodeName("gw1")), ParcelPull.RSYNC_PATH, payload, WAIT, WAIT)) {
            stream.output().close();
            return stream.input().readAllBytes();
        }
    }

    static Stream<byte[]> payloadsThatAreNoRequest() {
        var garbage = new byte[1000];
        new Random(1).nextBytes(garbage);
        var root = Digest.of(new byte[0]);
        return Stream.of(
                new byte[0],
                garbage,
                text("null"),
                text("[]"),
                text("{}"),
                text("{\"root\":null,\"tree\":null,\"paths\":null}"),
                text("{\"root\":\"" + root + "\",\"tree\":\"server\",\"paths\":[\"../../etc/passwd\"]}"),
                text("{\"root\":\"" + root + "\",\"tree\":\"server\",\"paths\":[\"/etc/passwd\"]}"),
                text("[".repeat(100_000)));
    }

    private static byte[] text(String json) {
        return json.getBytes(UTF_8);
    }

    @ParameterizedTest
    @MethodSource("payloadsThatAreNoRequest")
    void whatIsNoRequestStartsNoRsync(byte[] payload) throws IOException {
        assertThat(answerTo(payload)).isEmpty();
    }

    private byte[] answerTo(Digest root, String tree, String path) throws IOException {
        return answerTo(request(root, tree, path));
    }

    private static byte[] request(Digest root, String tree, String path) throws IOException {
        return Json.mapper().writeValueAsBytes(new PullRequest(root, tree, List.of(EntryPath.of(path))));
    }

    /** Whether rsync says its first words. */
    private boolean begins(Digest root, String tree, String path) throws IOException {
        var client = new StreamClient(fixture.identity, Json.mapper(), "lockstep-rsync");
        try (var stream = client.open(
                fixture.addresses().get(new NodeName("gw1")),
                ParcelPull.RSYNC_PATH,
                request(root, tree, path),
                WAIT,
                WAIT)) {
            // The version of the protocol that a client of rsync 3.4.3 and later speaks.
            stream.output().write(new byte[] {32, 0, 0, 0});
            return stream.input().read() == 32;
        }
    }

    @Test
    void onlyFilesOfAGenerationThatIsKeptAreServed() throws IOException {
        var root = fixture.root();

        assertThat(begins(root, "server", "api/a.xml")).isTrue();
        assertThat(answerTo(Digest.of(new byte[0]), "server", "api/a.xml")).isEmpty();
        assertThat(answerTo(root, "tenants", "api/a.xml")).isEmpty();
        assertThat(answerTo(root, "../gw1/replica", "api/a.xml")).isEmpty();
        assertThat(answerTo(root, "server", "api/b.xml")).isEmpty();
        assertThat(answerTo(root, "server", "api")).isEmpty();
    }
}
