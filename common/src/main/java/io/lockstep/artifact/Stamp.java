package io.lockstep.artifact;

/**
 * What the file system said of an entry at one look. Two equal stamps mean "not changed in between", provided that
 * the first look was not racy (see {@link #isRacy}).
 *
 * @param sizeBytes 0 or more
 * @param mtimeNanos last modification of the content, in ns since 1970; negative before
 * @param ctimeNanos last change of the inode, in ns since 1970; can't be set by a program
 * @param inode the file's number on its file system
 */
public record Stamp(long sizeBytes, long mtimeNanos, long ctimeNanos, long inode) {
    public Stamp {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("sizeBytes is negative: " + sizeBytes);
        }
    }

    /**
     * Whether a later write could leave this stamp unchanged: the entry changed less than {@code windowNanos} before
     * the file system's own time {@code scanStartNanos}, so a second write may fall into the same tick of its clock.
     * A racy entry's digest can't be reused (git's documentation calls this "racy git").
     */
    public boolean isRacy(long scanStartNanos, long windowNanos) {
        return isRacy(Math.max(mtimeNanos, ctimeNanos), scanStartNanos, windowNanos);
    }

    /** As {@link #isRacy(long, long)}, of an entry that last changed at {@code lastChangeNanos} by either time. */
    public static boolean isRacy(long lastChangeNanos, long scanStartNanos, long windowNanos) {
        return lastChangeNanos > scanStartNanos - windowNanos;
    }
}
