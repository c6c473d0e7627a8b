package io.lockstep.agent.mountio;

import java.io.IOException;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;

/**
 * The child's system class loader: the usual one, but for service providers, of which it knows none. JNA has a logger,
 * and for that the JDK asks every library whether it provides another logging; that alone would open them all and take
 * several megabytes.
 */
public final class ChildClassLoader extends ClassLoader {
    private static final String SERVICES = "META-INF/services/";

    /** Called by the JVM (see {@link ClassLoader#getSystemClassLoader()}). */
    public ChildClassLoader(ClassLoader usual) {
        super("child", usual);
    }

    @Override
    public Enumeration<URL> getResources(String name) throws IOException {
        return name.startsWith(SERVICES) ? Collections.emptyEnumeration() : super.getResources(name);
    }
}
