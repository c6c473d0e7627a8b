package io.lockstep.agent.peer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.agent.peer.CallOutcome.Answered;
import io.lockstep.agent.peer.CallOutcome.Refused;
import io.lockstep.agent.peer.CallOutcome.TimedOut;
import io.lockstep.agent.peer.CallOutcome.Unreachable;
import io.lockstep.agent.tls.NodeIdentity;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * JSON requests to the control ports of a fixed set of peers, over kept connections. Safe for use by several threads;
 * each call blocks its thread until the outcome, for the deadline at most. Nothing is tried twice.
 *
 * <p>The name in the peer's certificate is checked within the handshake, before any request is sent.
 */
public final class ControlClient implements AutoCloseable {
    /** The largest answer that is accepted, unless told otherwise: 8 MiB. */
    public static final int DEFAULT_RESPONSE_LIMIT_BYTES = 8 << 20;

    private static final int THREADS = 4;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(1);

    private final ObjectMapper json;
    private final InstantSource clock;
    private final int responseLimitBytes;
    private final ThreadPoolExecutor threads;

    /** Null once closed: before Java 21 the JDK's client ends its selector thread only when it is unreachable. */
    private volatile @Nullable HttpClient client;

    /**
     * A client for these peers.
     *
     * @param json maps bodies to and from records
     * @param clock measures {@link Answered#roundTrip}
     */
    public ControlClient(
            NodeIdentity identity,
            Collection<PeerAddress> peers,
            ObjectMapper json,
            InstantSource clock,
            int responseLimitBytes) {
        this.json = json;
        this.clock = clock;
        this.responseLimitBytes = responseLimitBytes;
        List<PeerAddress> known = List.copyOf(peers);
        AtomicInteger number = new AtomicInteger();
        this.threads =
                new ThreadPoolExecutor(THREADS, THREADS, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "control-client-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        this.client = HttpClient.newBuilder()
                .sslContext(identity.clientContext((host, port) -> nameAt(known, host, port)))
                .sslParameters(NodeIdentity.clientParameters())
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(threads)
                .build();
    }

    private static Optional<String> nameAt(List<PeerAddress> peers, String host, int port) {
        return peers.stream()
                .filter(peer -> peer.port() == port && peer.host().equalsIgnoreCase(host))
                .map(PeerAddress::name)
                .findFirst();
    }

    /**
     * Asks for {@code pathAndQuery}.
     *
     * @param pathAndQuery starts with a slash; encoded
     * @param type what the answer's JSON is mapped to
     * @param deadline from now to the last byte of the answer
     */
    public <T> CallOutcome<T> get(PeerAddress peer, String pathAndQuery, Class<T> type, Duration deadline)
            throws InterruptedException {
        return call(peer, request(peer, pathAndQuery).GET().build(), type, deadline);
    }

    /**
     * Sends {@code body} as JSON.
     *
     * @throws IllegalArgumentException when {@code body} can't be written as JSON
     */
    public <T> CallOutcome<T> post(PeerAddress peer, String pathAndQuery, Object body, Class<T> type, Duration deadline)
            throws InterruptedException {
        byte[] content;
        try {
            content = json.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(body.getClass() + " can't be written as JSON", e);
        }
        HttpRequest request = request(peer, pathAndQuery)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(content))
                .build();
        return call(peer, request, type, deadline);
    }

    /** Ends all calls and threads. Calls from now on are unreachable. */
    @Override
    public void close() {
        threads.shutdown();
        HttpClient current = client;
        client = null;
        try {
            if (!threads.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
            if (current instanceof AutoCloseable closeable) {
                closeable.close();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("the JDK's HTTP client did not close", e);
        }
    }

    private static HttpRequest.Builder request(PeerAddress peer, String pathAndQuery) {
        if (!pathAndQuery.startsWith("/")) {
            throw new IllegalArgumentException("the path " + pathAndQuery + " does not start with /");
        }
        return HttpRequest.newBuilder(peer.control().resolve(pathAndQuery)).header("Accept", "application/json");
    }

    private <T> CallOutcome<T> call(PeerAddress peer, HttpRequest request, Class<T> type, Duration deadline)
            throws InterruptedException {
        HttpClient current = client;
        if (current == null) {
            return new Unreachable<>("this agent is stopping", false);
        }
        Instant start = clock.instant();
        CompletableFuture<HttpResponse<byte[]>> exchange =
                current.sendAsync(request, response -> new BoundedBody(responseLimitBytes));
        try {
            HttpResponse<byte[]> response = exchange.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
            return understood(response, type, Duration.between(start, clock.instant()));
        } catch (TimeoutException e) {
            return new TimedOut<>(deadline);
        } catch (ExecutionException e) {
            return failed(peer, e.getCause() == null ? e : e.getCause());
        } finally {
            // Cancelling closes the connection of a call that is not done, and does nothing otherwise.
            exchange.cancel(true);
        }
    }

    private <T> CallOutcome<T> understood(HttpResponse<byte[]> response, Class<T> type, Duration roundTrip) {
        int status = response.statusCode();
        if (status < 200 || status > 299) {
            RefusalText text = RefusalText.parse(json, status, response.body());
            return new Refused<>(status, text.error(), text.remedy());
        }
        try {
            JavaType javaType = json.constructType(type);
            T value = json.readValue(response.body(), javaType);
            if (value == null) {
                return new Refused<>(status, "the answer is null", "");
            }
            return new Answered<>(value, roundTrip);
        } catch (IOException e) {
            return new Refused<>(status, "the answer is not a " + type.getSimpleName() + ": " + e.getMessage(), "");
        }
    }

    private static <T> CallOutcome<T> failed(PeerAddress peer, Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BoundedBody.TooLarge) {
                return new Refused<>(200, String.valueOf(cause.getMessage()), "");
            }
        }
        return new Unreachable<>(
                peer.name() + " at " + peer.control() + ": " + FailureText.of(failure),
                FailureText.isTlsFailure(failure));
    }
}
