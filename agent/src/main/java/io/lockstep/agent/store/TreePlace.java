package io.lockstep.agent.store;

import io.lockstep.artifact.EntryPath;
import java.nio.file.Path;

/**
 * Where a tree lies that generations are applied to.
 *
 * @param name the tree's name, the first component of its paths in a manifest
 * @param root the tree's directory
 * @param tmp a directory of this applier alone, on the tree's file system; made when needed. Outside of the tree, or
 *     below a dot-directory at its root, which neither Gateway nor scan looks into (a share's {@code .lockstep/tmp})
 * @param foreign what becomes of content that no generation knows. With tmp on another file system than trash and
 *     conflict store only {@link ForeignContent#LEAVE_ALONE} is sound, because a directory can't be moved there
 */
public record TreePlace(String name, Path root, Path tmp, ForeignContent foreign) {
    public TreePlace {
        var plainRoot = root.toAbsolutePath().normalize();
        var plainTmp = tmp.toAbsolutePath().normalize();
        if (plainTmp.startsWith(plainRoot)
                && !plainRoot.relativize(plainTmp).toString().startsWith(".")) {
            throw new IllegalArgumentException(
                    "the temporary directory " + tmp + " lies inside the tree " + root + "; put it beside the tree");
        }
        EntryPath.of(name);
    }

    /** The tree's root in a manifest. */
    EntryPath path() {
        return EntryPath.of(name);
    }
}
