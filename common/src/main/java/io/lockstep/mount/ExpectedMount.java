package io.lockstep.mount;

import io.lockstep.cluster.Reason;
import io.lockstep.mount.MountRule.Verdict;

/**
 * Which mount a share must be, as the configuration says.
 *
 * @param point the mountpoint: absolute, normalized and without links
 * @param type a file system's type; see {@link #isOfType}
 * @param source what is mounted there, such as {@code filer:/wso2}; slashes at its end don't count
 */
public record ExpectedMount(String point, String type, String source) {
    private static final String FUSE = "fuse.";

    /** What the table says of it: {@link Reason#OK}, or what is wrong. {@link Reason#READ_ONLY} still can be read. */
    public Verdict check(MountTable table) {
        var found = table.at(point);
        if (found.isEmpty()) {
            return Verdict.lost(Reason.NOT_MOUNTED, "nothing is mounted at " + point);
        }
        var mount = found.get();
        if (!isOfType(mount.type())) {
            return Verdict.lost(Reason.WRONG_TYPE, "the mount at " + point + " is " + mount.type() + ", not " + type);
        }
        if (!withoutSlashes(mount.source()).equals(withoutSlashes(source))) {
            return Verdict.lost(
                    Reason.WRONG_EXPORT, "the mount at " + point + " is of " + mount.source() + ", not of " + source);
        }
        return mount.isReadOnly()
                ? Verdict.readable(Reason.READ_ONLY, "the mount at " + point + " is read-only")
                : Verdict.OK;
    }

    /**
     * Whether a mount of type {@code actual} is of the configured type: the same, or one of the family that the
     * configured name stands for. {@code nfs} stands for {@code nfs4} too, {@code cifs} for {@code smb3}, {@code fuse}
     * for every FUSE file system, and the name of a FUSE program for its file system: {@code glusterfs} for
     * {@code fuse.glusterfs}.
     */
    boolean isOfType(String actual) {
        return actual.equals(type)
                || actual.equals(FUSE + type)
                || (type.equals("nfs") && actual.equals("nfs4"))
                || (type.equals("cifs") && actual.equals("smb3"))
                || (type.equals("fuse") && (actual.startsWith(FUSE) || actual.equals("fuseblk")));
    }

    private static String withoutSlashes(String source) {
        int end = source.length();
        while (end > 1 && source.charAt(end - 1) == '/') {
            end--;
        }
        return source.substring(0, end);
    }
}
