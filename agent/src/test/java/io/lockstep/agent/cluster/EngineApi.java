package io.lockstep.agent.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** An API that answers its name and the number of its version, in a form that the stand-alone engine can deploy. */
record EngineApi(String name) {
    private static final String DIRECTORY = "synapse-configs/default/api";

    String context() {
        return "/" + name.toLowerCase(java.util.Locale.ROOT) + "/1.0.0";
    }

    /** What it answers. */
    static String answer(int version) {
        return "v" + version;
    }

    String path() {
        return DIRECTORY + "/admin--" + name + "_v1.0.0.xml";
    }

    /** Writes it as a Gateway does that publishes: it appears with all its bytes. */
    void write(Path server, int version) throws IOException {
        var file = server.resolve(path());
        var part = file.resolveSibling("." + name + ".part");
        Files.writeString(part, """
                <?xml version="1.0" encoding="UTF-8"?>
                <api xmlns="http://ws.apache.org/ns/synapse" name="admin--%s" context="%s">
                  <resource methods="GET" url-mapping="/version">
                    <inSequence>
                      <payloadFactory><format><api xmlns="">%s</api></format></payloadFactory>
                      <property name="messageType" value="application/xml" scope="axis2"/>
                      <property name="NO_ENTITY_BODY" action="remove" scope="axis2"/>
                      <property name="RESPONSE" value="true"/>
                      <header name="To" action="remove"/>
                      <send/>
                    </inSequence>
                  </resource>
                </api>
                """.formatted(name, context(), answer(version)));
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }

    void delete(Path server) throws IOException {
        Files.delete(server.resolve(path()));
    }
}
