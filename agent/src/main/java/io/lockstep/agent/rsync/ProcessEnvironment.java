package io.lockstep.agent.rsync;

import java.io.File;
import java.nio.file.Path;
import java.util.Map;

/** The environment in which rsync runs: as little as possible, so that a host's settings can't change the transfer. */
final class ProcessEnvironment {
    static final File NULL_DEVICE = new File("/dev/null");

    private ProcessEnvironment() {}

    /**
     * Replaces all variables: {@code RSYNC_*} could add secluded arguments or iconv, {@code HOME} could bring option
     * aliases (popt(3)), and messages are read in English.
     */
    static void restrict(Map<String, String> environment, Path home) {
        var path = environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin");
        environment.clear();
        environment.put("PATH", path);
        environment.put("HOME", home.toString());
        environment.put("LC_ALL", "C");
    }
}
