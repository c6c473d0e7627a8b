package io.lockstep.agent.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lockstep.agent.config.ShareMarker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks at a live path again and again, as a Gateway does, and notes whenever something that was there at first is gone or
 * otherwise. What comes anew is no matter.
 */
public final class Reader implements AutoCloseable {
    private static final int MOST_COMPLAINTS = 10;

    private final Path live;
    private final Map<String, String> expected;
    private final AtomicLong looks = new AtomicLong();
    private final List<String> complaints = new ArrayList<>();
    private final Thread thread = new Thread(this::run, "reader");
    private volatile boolean stopping;

    private Reader(Path live) throws IOException {
        this.live = live;
        expected = look(live);
        assertThat(expected).as("what there is to see at " + live).isNotEmpty();
        thread.setDaemon(true);
        thread.start();
    }

    public static Reader of(Path live) throws IOException {
        return new Reader(live);
    }

    /** Every file's time in ns and content, by its path; but for the agents' own, which are no part of a tree. */
    public static Map<String, String> look(Path root) throws IOException {
        try (var first = Files.list(root)) {
            return first.filter(path -> !path.endsWith(ShareMarker.DIRECTORY))
                    .flatMap(Reader::below)
                    .filter(Files::isRegularFile)
                    .collect(Collectors.toMap(
                            file -> root.relativize(file).toString(), Reader::told, (a, b) -> a, TreeMap::new));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Stream<Path> below(Path path) {
        try (var all = Files.walk(path)) {
            return all.toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String told(Path file) {
        try {
            FileTime time = Files.getLastModifiedTime(file);
            return time.toInstant() + " " + Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void run() {
        while (!stopping) {
            try {
                note(look(live));
            } catch (IOException | UncheckedIOException e) {
                complain(e.toString());
            }
            looks.incrementAndGet();
        }
    }

    private void note(Map<String, String> seen) {
        if (!seen.entrySet().containsAll(expected.entrySet())) {
            complain(seen.isEmpty() ? "it was empty" : "it was " + seen);
        }
    }

    private synchronized void complain(String text) {
        if (complaints.size() < MOST_COMPLAINTS) {
            complaints.add("at look " + looks + ": " + text);
        }
    }

    /** Waits until it has looked {@code more} times. */
    public void awaitLooks(int more) {
        long until = looks.get() + more;
        await("the reader looks").atMost(Duration.ofSeconds(60)).until(() -> looks.get() >= until);
    }

    public synchronized void assertNothingEverChanged() {
        assertThat(complaints).as("of " + looks + " looks").isEmpty();
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join(Duration.ofSeconds(10).toMillis());
    }
}
