package io.lockstep.agent.store;

import io.lockstep.artifact.EntryPath;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The directories of one tree, opened from its root a component at a time without following a link, one held open at a
 * time: entries that are asked for in order cost one opening a directory. What changes in a directory is made durable
 * when the next one is asked for. For one thread.
 */
final class TreeDirectories implements AutoCloseable {
    private final OpenDirectory root;
    private @Nullable OpenDirectory current;
    private @Nullable EntryPath currentPath;
    private boolean changed;
    private boolean rootChanged;

    /** The directories below {@code root}, which the caller closes after this. */
    TreeDirectories(OpenDirectory root) {
        this.root = root;
    }

    /**
     * The directory that holds the entry at {@code below}, a path from the tree's root. The caller does not close it,
     * and uses it only until the next call.
     */
    OpenDirectory parentOf(EntryPath below) throws DiskException {
        Optional<EntryPath> parent = below.parent();
        if (parent.isEmpty()) {
            leave();
            return root;
        }
        if (current != null && currentPath != null && currentPath.equals(parent.get())) {
            return current;
        }
        leave();
        var opened = root.openDirectory(parent.get());
        current = opened;
        currentPath = parent.get();
        return opened;
    }

    /** Says that the directory returned last was changed. */
    void changed() {
        if (current == null) {
            rootChanged = true;
        } else {
            changed = true;
        }
    }

    /** Makes what changed durable and closes the directory at hand. */
    void leave() throws DiskException {
        if (rootChanged) {
            root.sync();
            rootChanged = false;
        }
        var left = current;
        if (left != null && changed) {
            left.sync();
        }
        close();
    }

    @Override
    public void close() {
        if (current != null) {
            current.close();
            current = null;
        }
        currentPath = null;
        changed = false;
    }
}
