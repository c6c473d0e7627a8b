package io.lockstep.mount;

/** What one call on the share came to. That nothing is there, and that it can't be told, are different values. */
public sealed interface Sight<T> {
    /** It answered. */
    record Seen<T>(T value) implements Sight<T> {}

    /** It answered that nothing is there ({@code ENOENT}). */
    record Absent<T>() implements Sight<T> {}

    /**
     * It refused, so nothing is known.
     *
     * @param operation the call that was refused, such as {@code open}, {@code read}, {@code write}, {@code fsync}
     * @param error the operating system's symbol, such as {@code EIO}, {@code ESTALE} or {@code EROFS}; {@code EBADMSG}
     *     when the bytes are not what they should be
     */
    record Refused<T>(String operation, String error) implements Sight<T> {}

    /** It was not tried, because something before it had failed. */
    record NotTried<T>() implements Sight<T> {}
}
