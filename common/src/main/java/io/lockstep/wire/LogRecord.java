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
 * A decision log entry as JSON, in files and on the control port. Exactly one of {@code mode} and {@code generation}
 * is there.
 */
public record LogRecord(
        long index,
        long epoch,
        Instant at,
        @Nullable ModeRecord mode,
        @Nullable GenerationRecord generation) {
    /** The mode that the cluster enters. */
    public record ModeRecord(
            Mode mode,
            Reason reason,
            NodeName manager,
            @Nullable String base) {}

    /** The generation that becomes the reference. */
    public record GenerationRecord(
            String id, Digest root, @Nullable Digest parent, Digest manifest) {}

    /** The entry as a record. */
    public static LogRecord of(LogEntry entry) {
        if (entry instanceof LogEntry.ModeChange change) {
            var base = change.base().map(GenerationId::toString).orElse(null);
            var mode = new ModeRecord(change.mode(), change.reason(), change.manager(), base);
            return new LogRecord(change.index(), change.epoch(), change.at(), mode, null);
        }
        var commit = (LogEntry.Commit) entry;
        var next = commit.generation();
        var generation = new GenerationRecord(
                next.id().toString(), next.root(), next.parent().orElse(null), next.manifestDigest());
        return new LogRecord(commit.index(), commit.epoch(), commit.at(), null, generation);
    }

    /**
     * The entry that this record holds.
     *
     * @throws IllegalArgumentException when it holds none, two, or one that is out of range or lacks a field
     */
    public LogEntry toEntry() {
        require(at, "at");
        if (mode != null && generation == null) {
            require(mode.mode(), "mode.mode");
            require(mode.reason(), "mode.reason");
            require(mode.manager(), "mode.manager");
            var base = Optional.ofNullable(mode.base()).map(GenerationId::parse);
            return new LogEntry.ModeChange(index, epoch, at, mode.mode(), mode.reason(), mode.manager(), base);
        }
        if (generation != null && mode == null) {
            require(generation.id(), "generation.id");
            require(generation.root(), "generation.root");
            require(generation.manifest(), "generation.manifest");
            var next = new Generation(
                    GenerationId.parse(generation.id()),
                    generation.root(),
                    Optional.ofNullable(generation.parent()),
                    generation.manifest());
            return new LogEntry.Commit(index, epoch, at, next);
        }
        throw new IllegalArgumentException("a log record holds a mode or a generation: index " + index);
    }

    /** JSON that lacks a field gives null, whatever the component's type says. */
    private void require(@Nullable Object value, String field) {
        if (value == null) {
            throw new IllegalArgumentException("the log record of index " + index + " lacks " + field);
        }
    }
}
