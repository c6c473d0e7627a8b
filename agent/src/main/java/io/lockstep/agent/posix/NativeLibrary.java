package io.lockstep.agent.posix;

import com.sun.jna.Native;

/** The library by which this package calls the operating system. */
public final class NativeLibrary {
    private NativeLibrary() {}

    /** One class of it: where it comes from belongs on the class path of every process that uses this package. */
    public static Class<?> place() {
        return Native.class;
    }
}
