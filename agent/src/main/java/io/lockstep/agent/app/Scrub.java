package io.lockstep.agent.app;

import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.store.ContentSearch;
import io.lockstep.agent.store.Corruption;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Digests every kept file anew from time to time, slowly, and mends what is damaged, whoever found it: from another copy
 * on this node, else from a member. A thread of its own, that touches neither the share nor the loop's stage.
 */
final class Scrub {
    private static final Logger LOG = LoggerFactory.getLogger(Scrub.class);
    /** How often it is looked whether something is due. */
    private static final Duration TICK = Duration.ofSeconds(1);
    /** The time between two attempts to mend what could not be mended. */
    private static final Duration RETRY = Duration.ofSeconds(30);

    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final LocalContents contents;
    private final Corruptions corruptions;
    private final Source source;
    private final Supplier<Manifest> held;
    private final Path mark;
    private final Duration every;
    private final long bytesPerSecond;
    private final InstantSource clock;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "scrub-1");
    private volatile Optional<Instant> scrubbedAt;

    /** Content of members. */
    interface Source {
        /** Brings the content of this file into the scrub's stage. */
        Staging fetch(ManifestEntry file);
    }

    /**
     * @param contents with stages that nobody else uses
     * @param held what the last scan of the replica showed
     * @param mark a file whose time tells when the last scrub ended
     */
    Scrub(
            LocalContents contents,
            Corruptions corruptions,
            Source source,
            Supplier<Manifest> held,
            Path mark,
            Duration every,
            long bytesPerSecond,
            InstantSource clock)
            throws IOException {
        this.contents = contents;
        this.corruptions = corruptions;
        this.source = source;
        this.held = held;
        this.mark = mark;
        this.every = every;
        this.bytesPerSecond = bytesPerSecond;
        this.clock = clock;
        scrubbedAt = readMark();
    }

    private Optional<Instant> readMark() throws IOException {
        try {
            return Optional.of(Files.getLastModifiedTime(mark).toInstant());
        } catch (NoSuchFileException never) {
            return Optional.empty();
        }
    }

    /** When every kept file was last looked at. */
    Optional<Instant> scrubbedAt() {
        return scrubbedAt;
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        var nextMending = Instant.MIN;
        int known = 0;
        try {
            while (!stopping.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
                var now = clock.instant();
                if (isDue(now)) {
                    scrub();
                }
                int damaged = corruptions.count();
                if (damaged > 0 && (damaged != known || !clock.instant().isBefore(nextMending))) {
                    mendAll();
                    nextMending = clock.instant().plus(RETRY);
                }
                known = corruptions.count();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isDue(Instant now) {
        // A mark of the future is of a clock that was wrong.
        return scrubbedAt.isEmpty()
                || scrubbedAt.get().isAfter(now)
                || !now.isBefore(scrubbedAt.get().plus(every));
    }

    private void scrub() {
        var pace = new Pace();
        long files = 0;
        for (var search : contents.searches().values()) {
            files += search.scrub(pace::read, () -> stopping.getCount() > 0);
        }
        if (stopping.getCount() == 0) {
            return;
        }
        var now = clock.instant();
        if (files > 0) {
            LOG.debug("scrubbed files={} bytes={} took={}", files, pace.bytes, Duration.between(pace.startedAt, now));
        }
        scrubbedAt = Optional.of(now);
        try {
            Files.write(mark, new byte[0]);
            Files.setLastModifiedTime(mark, FileTime.from(now));
        } catch (IOException e) {
            // Without the mark the next start scrubs at once, which is all that is lost.
            LOG.warn("the time of the scrub can't be kept: {}", e.toString());
        }
    }

    /** Lets no more bytes be read than allowed. */
    private final class Pace {
        private final Instant startedAt = clock.instant();
        private long bytes;

        void read(long more) {
            bytes += more;
            var allowedAt = startedAt.plusNanos((long) ((double) bytes / bytesPerSecond * NANOS_PER_SECOND));
            long waitMillis = Duration.between(clock.instant(), allowedAt).toMillis();
            try {
                // A stop ends the wait, and goOn ends the scrub at the next file.
                if (waitMillis > 0 && stopping.await(waitMillis, TimeUnit.MILLISECONDS)) {
                    LOG.debug("the scrub ends with the agent");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void mendAll() {
        for (var damage : corruptions.damages()) {
            if (stopping.getCount() == 0) {
                return;
            }
            mend(damage.tree(), damage.corruption());
        }
    }

    private void mend(String tree, Corruption corruption) {
        var entry = corruption.entry();
        if (Files.notExists(entry.content())) {
            corruptions.forget(corruption);
            return;
        }
        var file = ManifestEntry.file(
                entry.path(),
                entry.mode(),
                entry.sizeBytes(),
                entry.mtimeNanos(),
                entry.digest().orElseThrow());
        var from = "this node";
        if (!contents.stage(List.of(file), held.get()).isEmpty()) {
            from = "a member";
            var staging = source.fetch(file);
            if (!staging.isComplete()) {
                LOG.warn(
                        "damaged content can't be mended yet file={} path={} problem=\"{}\"",
                        entry.content(),
                        entry.path(),
                        staging.problem().orElse(""));
                return;
            }
        }
        var search = contents.search(tree);
        var mending = search.mend(corruption);
        if (mending instanceof ContentSearch.Mending.Mended) {
            corruptions.mended(corruption, from);
        } else if (mending instanceof ContentSearch.Mending.Failed failed) {
            LOG.warn("damaged content was not mended: {}", failed.failure().message());
        }
        contents.clear(tree);
    }

    /** Ends the thread, within seconds. */
    void stop() throws InterruptedException {
        stopping.countDown();
        thread.interrupt();
        thread.join(Duration.ofSeconds(5).toMillis());
    }
}
