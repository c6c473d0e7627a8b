package io.lockstep.wire;

import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A decision log entry as JSON, in files and on the control port. Exactly one of {@code mode}, {@code generation} and
 * {@code share} is there.
 */
public record LogRecord(
        long index,
        long epoch,
        Instant at,
        @Nullable ModeRecord mode,
        @Nullable GenerationRecord generation,
        @Nullable ShareRecord share) {
    /** The mode that the cluster enters. */
    public record ModeRecord(
            Mode mode,
            Reason reason,
            NodeName manager,
            @Nullable String base) {}

    /** The generation that becomes the reference. */
    public record GenerationRecord(
            String id, Digest root, @Nullable Digest parent, Digest manifest) {}

    /** The share that is the cluster's from now on. */
    public record ShareRecord(String tree, String shareId) {}

    /** The entry as a record. */
    public static LogRecord of(LogEntry entry) {
        if (entry instanceof LogEntry.ModeChange change) {
            var base = change.base().map(GenerationId::toString).orElse(null);
            var mode = new ModeRecord(change.mode(), change.reason(), change.manager(), base);
            return new LogRecord(change.index(), change.epoch(), change.at(), mode, null, null);
        }
        if (entry instanceof LogEntry.ShareRegistered registered) {
            var share = new ShareRecord(registered.tree(), registered.shareId());
            return new LogRecord(registered.index(), registered.epoch(), registered.at(), null, null, share);
        }
        var commit = (LogEntry.Commit) entry;
        var next = commit.generation();
        var generation = new GenerationRecord(
                next.id().toString(), next.root(), next.parent().orElse(null), next.manifestDigest());
        return new LogRecord(commit.index(), commit.epoch(), commit.at(), null, generation, null);
    }

    /**
     * The entry that this record holds.
     *
     * @throws IllegalArgumentException when it holds none, several, or one that is out of range or lacks a field
     */
    public LogEntry toEntry() {
        require(at, "at");
        if (mode != null && generation == null && share == null) {
            return modeChange(mode);
        }
        if (generation != null && mode == null && share == null) {
            return commit(generation);
        }
        if (share != null && mode == null && generation == null) {
            require(share.tree(), "share.tree");
            require(share.shareId(), "share.shareId");
            return new LogEntry.ShareRegistered(index, epoch, at, share.tree(), share.shareId());
        }
        throw new IllegalArgumentException("a log record holds a mode, a generation or a share: index " + index);
    }

    private LogEntry modeChange(ModeRecord change) {
        require(change.mode(), "mode.mode");
        require(change.reason(), "mode.reason");
        require(change.manager(), "mode.manager");
        var base = Optional.ofNullable(change.base()).map(GenerationId::parse);
        return new LogEntry.ModeChange(index, epoch, at, change.mode(), change.reason(), change.manager(), base);
    }

    private LogEntry commit(GenerationRecord record) {
        require(record.id(), "generation.id");
        require(record.root(), "generation.root");
        require(record.manifest(), "generation.manifest");
        var next = new Generation(
                GenerationId.parse(record.id()),
                record.root(),
                Optional.ofNullable(record.parent()),
                record.manifest());
        return new LogEntry.Commit(index, epoch, at, next);
    }

    /** JSON that lacks a field gives null, whatever the component's type says. */
    private void require(@Nullable Object value, String field) {
        if (value == null) {
            throw new IllegalArgumentException("the log record of index " + index + " lacks " + field);
        }
    }
}
