package io.lockstep.agent.scan;

import io.lockstep.digest.Inventory;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * One scan to do.
 *
 * @param root the tree's directory; links on the way to it and at its end are followed, no link below it ever is
 * @param previous what an earlier scan of the same tree found, whose digests may be reused
 * @param fullDigest read every file, reuse no digest: what {@code verify} asks for
 * @param scanStartNanos the time now by the clock of the file system that holds the tree, in ns since 1970
 * @param progress hears how far the scan is
 * @param cancelled asked before every entry and between the parts of a large file, by any thread
 */
public record ScanRequest(
        Path root,
        Optional<Inventory> previous,
        boolean fullDigest,
        long scanStartNanos,
        ScanProgress progress,
        BooleanSupplier cancelled) {
    /** A first scan. */
    public static ScanRequest of(Path root, long scanStartNanos) {
        return new ScanRequest(root, Optional.empty(), false, scanStartNanos, ScanProgress.NONE, () -> false);
    }

    /** The same that reuses the digests of {@code inventory}. */
    public ScanRequest after(Inventory inventory) {
        return new ScanRequest(root, Optional.of(inventory), fullDigest, scanStartNanos, progress, cancelled);
    }

    /** The same that reads every file. */
    public ScanRequest withFullDigest() {
        return new ScanRequest(root, previous, true, scanStartNanos, progress, cancelled);
    }

    /** The same with a listener. */
    public ScanRequest withProgress(ScanProgress listener) {
        return new ScanRequest(root, previous, fullDigest, scanStartNanos, listener, cancelled);
    }

    /** The same that ends early when {@code signal} says true. */
    public ScanRequest cancelledWhen(BooleanSupplier signal) {
        return new ScanRequest(root, previous, fullDigest, scanStartNanos, progress, signal);
    }
}
