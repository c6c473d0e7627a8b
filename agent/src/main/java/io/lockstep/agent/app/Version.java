package io.lockstep.agent.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;

/** Which Lockstep this is. */
public final class Version {
    private static final String DEVELOPMENT = "development";

    private Version() {}

    /**
     * The version of the jar; {@code development} when it does not run from one. The jar itself is asked: a package's
     * version is that of whatever place its first class came from.
     */
    public static String current() {
        var place = placeOfThis();
        if (!Files.isRegularFile(place)) {
            return DEVELOPMENT;
        }
        try (var jar = new JarFile(place.toFile())) {
            var manifest = jar.getManifest();
            var version = manifest == null
                    ? null
                    : manifest.getMainAttributes().getValue(Attributes.Name.IMPLEMENTATION_VERSION);
            return version == null ? DEVELOPMENT : version;
        } catch (IOException e) {
            throw new UncheckedIOException("the program " + place + " can't be read", e);
        }
    }

    private static Path placeOfThis() {
        try {
            return Path.of(Version.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the place of this program is no URI", e);
        }
    }
}
