package io.lockstep.agent.app;

/** Which Lockstep this is. */
public final class Version {
    private Version() {}

    /** The version of the jar; {@code development} when it does not run from one. */
    public static String current() {
        var version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
