package io.lockstep.agent.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where local paths really lie. */
final class LocalPaths {
    private LocalPaths() {}

    /** {@code path} or the nearest directory above it that exists. */
    static Path existing(Path path) {
        var at = path;
        while (!Files.exists(at) && at.getParent() != null) {
            at = at.getParent();
        }
        return at;
    }

    /**
     * {@code path} with the links above its last name resolved as far as they exist. The last name itself stays: the
     * live path is a link on purpose, and following it may touch a share that hangs.
     */
    static Path resolved(Path path) {
        var parent = path.getParent();
        if (parent == null) {
            return path;
        }
        var existing = existing(parent);
        try {
            return existing.toRealPath().resolve(existing.relativize(path)).normalize();
        } catch (IOException e) {
            // A directory that can't be entered is reported by the check of that key; its text must do here.
            return path;
        }
    }
}
