package io.lockstep.agent.vfs;

/** A password or passphrase. Printed, logged and compared as if it were not there. */
public final class Secret {
    private final String value;

    public Secret(String value) {
        this.value = value;
    }

    /** The secret itself, for the call that needs it. */
    String reveal() {
        return value;
    }

    @Override
    public String toString() {
        return "***";
    }
}
