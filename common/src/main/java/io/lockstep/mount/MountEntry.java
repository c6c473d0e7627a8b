package io.lockstep.mount;

import java.util.Set;

/**
 * One line of the mount table: one mount as this process sees it (proc_pid_mountinfo(5)).
 *
 * @param id unique among the mounts that are there now; it may be used again after an unmount
 * @param parent the mount that this one is mounted on; one that the process can't see, for the root
 * @param device major:minor
 * @param root the directory of the file system that is mounted; {@code /} unless it is a bind of a part
 * @param point where it is mounted
 * @param options of this mount
 * @param type of the file system, such as {@code nfs4} or {@code fuse.glusterfs}
 * @param source what was mounted, such as {@code filer:/wso2}
 * @param superOptions of the file system
 */
public record MountEntry(
        long id,
        long parent,
        String device,
        String root,
        String point,
        Set<String> options,
        String type,
        String source,
        Set<String> superOptions) {
    public MountEntry {
        options = Set.copyOf(options);
        superOptions = Set.copyOf(superOptions);
    }

    /** Whether nobody can write through this mount, whatever the rights are. */
    public boolean isReadOnly() {
        return options.contains("ro") || superOptions.contains("ro");
    }

    /** Whether {@code path}, absolute and normalized, is the mountpoint or lies below it. */
    boolean isAbove(String path) {
        return path.equals(point) || point.equals("/") || path.startsWith(point + "/");
    }
}
