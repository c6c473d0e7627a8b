package io.lockstep.agent.loop;

import io.lockstep.generation.Manifest;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the share to the reference, from look to look. Only the manager's control thread calls the methods. */
final class ShareWriter {
    private static final Logger LOG = LoggerFactory.getLogger(ShareWriter.class);

    private final Share share;
    private final LoopListener listener;
    private final Background<Change> writing;
    /** When the last write to the share ended. */
    private Instant wroteAt = Instant.MIN;

    private Instant startedAt = Instant.MIN;
    private Optional<String> problem = Optional.empty();

    ShareWriter(Share share, LoopListener listener, Executor onShare, Runnable wake) {
        this.share = share;
        this.listener = listener;
        writing = new Background<>(onShare, wake);
    }

    /** Why the last write did not come to its end; empty when it did. */
    Optional<String> problem() {
        return problem;
    }

    void collect(ShareWatch shareWatch, Instant now) {
        writing.collect().ifPresent(change -> {
            listener.changed(LoopListener.Place.SHARE, change, Duration.between(startedAt, now));
            // A problem that stays is told once.
            if (change.written() + change.trashed() > 0 || !change.problem().equals(problem)) {
                LOG.info(
                        "share brought up written={} trashed={} problem=\"{}\"",
                        change.written(),
                        change.trashed(),
                        change.problem().orElse(""));
            }
            problem = change.problem();
            wroteAt = now;
            shareWatch.want();
        });
    }

    /** Starts a write when none is running and the share was looked at since the last one. */
    void write(Manifest reference, ShareWatch shareWatch, Instant now) {
        if (writing.isRunning()) {
            return;
        }
        var look = shareWatch.newer().orElseThrow();
        // What was written since that look is not in it: writing the same again would change nothing.
        if (look.at().isAfter(wroteAt)) {
            startedAt = now;
            writing.start(() -> share.write(reference, look.view()));
        }
    }
}
