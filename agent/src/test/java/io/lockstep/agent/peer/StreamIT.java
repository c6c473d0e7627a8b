package io.lockstep.agent.peer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.http.RefusedException;
import io.lockstep.agent.http.StreamHead;
import io.lockstep.agent.http.StreamService;
import io.lockstep.agent.http.TestServer;
import io.lockstep.agent.tls.NodeIdentity;
import io.lockstep.agent.tls.TestIdentities;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Raw streams between a real client and a real server. */
class StreamIT {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration IDLE = Duration.ofSeconds(10);
    private static final int LARGE = 20 << 20;

    @TempDir
    private Path directory;

    private final Served served = new Served();
    private TestIdentities identities;
    private NodeIdentity gw2;
    private TestServer server;
    private PeerAddress gw1;

    /** Serves by the parameter {@code do}; what each stream ended with is put into {@link #ends}. */
    private static final class Served implements StreamService {
        private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();

        @Override
        public void admit(StreamHead head) {
            if ("refuse".equals(head.query().get("do"))) {
                throw new RefusedException(404, "no such generation", "ask for the newest");
            }
        }

        @Override
        public void serve(StreamHead head, byte[] payload, InputStream in, OutputStream out) throws IOException {
            try {
                switch (head.query().getOrDefault("do", "")) {
                    case "echo" -> in.transferTo(out);
                    case "payload" -> out.write(payload);
                    case "answer-after-end" -> out.write(("got " + in.readAllBytes().length).getBytes(UTF_8));
                    case "say-and-listen" -> {
                        out.write("hello".getBytes(UTF_8));
                        out.close();
                        ends.add("heard " + in.readAllBytes().length);
                    }
                    case "flood" -> {
                        byte[] block = new byte[1 << 16];
                        while (true) {
                            out.write(block);
                        }
                    }
                    case "large-and-leave" -> out.write(new byte[LARGE]);
                    case "fail" -> throw new IllegalStateException("a mistake");
                    case "who" -> out.write((head.peer() + " " + head.query().get("x")).getBytes(UTF_8));
                    default -> throw new IOException("nothing to do");
                }
                ends.add("end");
            } catch (IOException e) {
                ends.add("failed");
                throw e;
            }
        }
    }

    @BeforeEach
    void start() throws IOException {
        identities = new TestIdentities(directory, "ours");
        gw2 = identities.node("gw2");
        server = new TestServer(identities.node("gw1"), TestServer.SMALL, served);
        gw1 = new PeerAddress("gw1", server.control());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void bytesGoBothWaysAndTheEndComesThrough() throws Exception {
        byte[] sent = new byte[LARGE];
        new Random(1).nextBytes(sent);
        try (StreamClient.Stream stream = open("echo", new byte[0])) {
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                try (OutputStream out = stream.output()) {
                    out.write(sent);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThat(stream.input().readAllBytes()).isEqualTo(sent);
            writing.get(10, TimeUnit.SECONDS);
        }
        awaitNoStream();
    }

    @Test
    void thePayloadComesFirstUpToItsLimit() throws Exception {
        byte[] payload = new byte[1 << 20];
        new Random(2).nextBytes(payload);
        try (StreamClient.Stream stream = open("payload", payload)) {
            assertThat(stream.input().readAllBytes()).isEqualTo(payload);
        }
        try (StreamClient.Stream stream = open("payload", new byte[0])) {
            assertThat(stream.input().readAllBytes()).isEmpty();
        }
        awaitNoStream();
        served.ends.clear();
        assertThatThrownBy(() -> {
                    try (StreamClient.Stream stream = open("payload", new byte[(1 << 20) + 1])) {
                        if (stream.input().read() < 0) {
                            throw new IOException("ended");
                        }
                    }
                })
                .isInstanceOf(IOException.class);
        awaitNoStream();
        assertThat(served.ends).isEmpty();
    }

    @Test
    void eitherSideCanEndItsOutputFirst() throws Exception {
        try (StreamClient.Stream stream = open("answer-after-end", new byte[0])) {
            stream.output().write(new byte[12345]);
            stream.output().close();
            assertThat(new String(stream.input().readAllBytes(), UTF_8)).isEqualTo("got 12345");
        }
        assertThat(served.ends.poll(10, TimeUnit.SECONDS)).isEqualTo("end");
        try (StreamClient.Stream stream = open("say-and-listen", new byte[0])) {
            assertThat(new String(stream.input().readAllBytes(), UTF_8)).isEqualTo("hello");
            stream.output().write(new byte[54321]);
            stream.output().close();
            assertThat(served.ends.poll(10, TimeUnit.SECONDS)).isEqualTo("heard 54321");
        }
    }

    @Test
    void whatWasWrittenLastArrivesThoughTheClientStillSends() throws Exception {
        try (StreamClient.Stream stream = open("large-and-leave", new byte[0])) {
            // Nobody on the other side reads this; closing with it unread would reset the connection.
            stream.output().write(new byte[100_000]);
            assertThat(stream.input().readAllBytes()).hasSize(LARGE);
        }
        awaitNoStream();
    }

    @Test
    void oneStreamTooManyIsRefusedAndItsPlaceComesBack() throws Exception {
        List<StreamClient.Stream> streams = new ArrayList<>();
        for (int i = 0; i < TestServer.SMALL.streams(); i++) {
            streams.add(open("echo", new byte[0]));
        }
        assertThatThrownBy(() -> open("echo", new byte[0]))
                .isInstanceOfSatisfying(
                        StreamRefusedException.class,
                        e -> assertThat(e.status()).isEqualTo(503))
                .hasMessageContaining("all 2 streams are in use; try again later");
        for (StreamClient.Stream stream : streams) {
            stream.close();
        }
        awaitNoStream();
        for (int i = 0; i < 50; i++) {
            try (StreamClient.Stream stream = open("who", new byte[0])) {
                assertThat(new String(stream.input().readAllBytes(), UTF_8)).isEqualTo("gw2 ä b");
            }
            awaitNoStream();
        }
    }

    @Test
    void refusalsComeAsStatusAndWords() throws Exception {
        assertThatThrownBy(() -> open("refuse", new byte[0]))
                .isInstanceOf(StreamRefusedException.class)
                .hasMessage("gw1 refused with status 404: no such generation; ask for the newest");
        assertThatThrownBy(() -> new StreamClient(gw2, new ObjectMapper(), "other")
                        .open(gw1, "/v1/rsync?do=echo", new byte[0], CONNECT, IDLE))
                .hasMessageContaining("426");
        assertThatThrownBy(() ->
                        client(identities.node("stranger")).open(gw1, "/v1/rsync?do=echo", new byte[0], CONNECT, IDLE))
                .hasMessageContaining("403")
                .hasMessageContaining("stranger");
        assertThatThrownBy(() -> client(gw2).open(gw1, "/v1/whoami", new byte[0], CONNECT, IDLE))
                .isInstanceOf(StreamRefusedException.class)
                .hasMessageContaining("status 200");
        assertThat(server.server.openStreams()).isZero();
    }

    @Test
    void anotherNodeThanExpectedOrOfAnotherAuthorityIsNotTrusted() throws Exception {
        assertThatThrownBy(() -> client(gw2)
                        .open(new PeerAddress("gw3", server.control()), "/v1/rsync", new byte[0], CONNECT, IDLE))
                .hasMessageContaining("is gw1, not gw3");
        NodeIdentity foreign = new TestIdentities(directory, "theirs").node("gw2");
        assertThatThrownBy(() -> client(foreign).open(gw1, "/v1/rsync", new byte[0], CONNECT, IDLE))
                .hasMessageContaining("certificates");
    }

    @Test
    void aClientThatVanishesEndsTheServersReaderAndWriter() throws Exception {
        StreamClient.Stream reading = open("answer-after-end", new byte[0]);
        StreamClient.Stream flooded = open("flood", new byte[0]);
        assertThat(flooded.input().readNBytes(1 << 20)).hasSize(1 << 20);
        assertThat(server.server.openStreams()).isEqualTo(2);

        reading.close();
        flooded.close();

        awaitNoStream();
        assertThat(served.ends).hasSize(2);
    }

    @Test
    void aMistakeOfTheServiceCutsTheStream() throws Exception {
        try (StreamClient.Stream stream = open("fail", new byte[0])) {
            assertThat(endOf(stream)).isNotEqualTo("data");
        }
        awaitNoStream();
    }

    @Test
    void stoppingTheServerEndsOpenStreams() throws Exception {
        StreamClient.Stream echo = open("echo", new byte[0]);
        StreamClient.Stream flooded = open("flood", new byte[0]);
        flooded.input().readNBytes(1000);

        server.server.stop();

        assertThat(served.ends.poll(10, TimeUnit.SECONDS)).isEqualTo("failed");
        assertThat(served.ends.poll(10, TimeUnit.SECONDS)).isEqualTo("failed");
        assertThat(server.server.openStreams()).isZero();
        assertThat(endOf(echo)).isNotEqualTo("data");
        echo.close();
        flooded.close();
    }

    @Test
    void aSilentStreamEndsOnBothSides() throws Exception {
        try (StreamClient.Stream stream =
                client(gw2).open(gw1, "/v1/rsync?do=echo", new byte[0], CONNECT, Duration.ofMillis(200))) {
            assertThatThrownBy(() -> stream.input().read()).isInstanceOf(SocketTimeoutException.class);
        }
        try (StreamClient.Stream stream = open("echo", new byte[0])) {
            // The server's idle time is 5 s, the client's longer.
            assertThat(endOf(stream)).isNotEqualTo("data");
        }
        awaitNoStream();
    }

    private static String endOf(StreamClient.Stream stream) {
        try {
            return stream.input().read() < 0 ? "end" : "data";
        } catch (IOException e) {
            return "failed";
        }
    }

    private StreamClient.Stream open(String what, byte[] payload) throws IOException {
        return client(gw2).open(gw1, "/v1/rsync?do=" + what + "&x=%C3%A4+b", payload, CONNECT, IDLE);
    }

    private static StreamClient client(NodeIdentity identity) {
        return new StreamClient(identity, new ObjectMapper(), "lockstep-rsync");
    }

    private void awaitNoStream() {
        Awaitility.await().until(() -> server.server.openStreams() == 0);
    }
}
