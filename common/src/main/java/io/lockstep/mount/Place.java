package io.lockstep.mount;

import java.util.Optional;

/**
 * Where a path really leads: two paths with one place show the same directory, whatever binds are between. Told from the
 * mount table alone, so no file system is asked; links are not looked at.
 *
 * @param device the file system, as major:minor
 * @param path within that file system
 */
public record Place(String device, String path) {
    /** Where {@code path}, absolute and normalized, leads; empty when no mount of the table covers it. */
    public static Optional<Place> of(MountTable mounts, String path) {
        return mounts.covering(path)
                .map(mount -> new Place(mount.device(), joined(mount.root(), below(mount.point(), path))));
    }

    private static String below(String point, String path) {
        return point.equals("/") ? path.substring(1) : path.substring(Math.min(path.length(), point.length() + 1));
    }

    private static String joined(String root, String below) {
        if (below.isEmpty()) {
            return root;
        }
        return root.endsWith("/") ? root + below : root + "/" + below;
    }

    /** Whether both paths lead to one place. Unknown places are never the same. */
    public static boolean isSame(MountTable mounts, String one, String other) {
        var place = of(mounts, one);
        return place.isPresent() && place.equals(of(mounts, other));
    }

    /**
     * Whether {@code path} shows the replica that lies beneath it, with nothing mounted between. Not so when one mount
     * covers both, since a mount that was made at the one path spread into the bind that leads to the other
     * (mount_namespaces(7), shared mounts): what both show then is the share.
     */
    public static boolean isUncovered(MountTable mounts, String replica, String path) {
        var one = mounts.covering(path);
        var other = mounts.covering(replica);
        if (one.isEmpty() || other.isEmpty() || !isSame(mounts, path, replica)) {
            return false;
        }
        return !isSame(without(without(mounts, one.get()), other.get()), path, replica);
    }

    /**
     * Whether {@code path} shows {@code replica} when all that is mounted there is gone: whether that is its underlay. So
     * it is while nothing is mounted, too.
     */
    public static boolean isBeneath(MountTable mounts, String replica, String path) {
        var left = mounts;
        var top = left.covering(path);
        while (top.isPresent() && !isUncovered(left, replica, path)) {
            left = without(left, top.get());
            top = left.covering(path);
        }
        return top.isPresent();
    }

    private static MountTable without(MountTable mounts, MountEntry entry) {
        return new MountTable(
                mounts.entries().stream().filter(each -> !each.equals(entry)).toList());
    }
}
