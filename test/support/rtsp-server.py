"""An RTSP server that plays numbered pictures over and over: rtsp-server.py PORT PATTERN FIRST RATE [USER PASSWORD]. Writes its port when it listens."""
import sys
import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer

port, pattern, first, rate, *login = sys.argv[1:]
Gst.init(None)
factory = GstRtspServer.RTSPMediaFactory()
pictures = f'multifilesrc location="{pattern}" index={first} start-index={first} loop=true caps=image/jpeg,framerate={rate}/1 ! jpegdec ! videoconvert ! videoscale ! video/x-raw,width=320,height=240'
factory.set_launch(f"( {pictures} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=5 ! rtph264pay config-interval=1 name=pay0 pt=96 )")
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
if login:
    user, password = login
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role("viewer", "media.factory.access", True)
    permissions.add_permission_for_role("viewer", "media.factory.construct", True)
    factory.set_permissions(permissions)
    auth = GstRtspServer.RTSPAuth()
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
server.get_mount_points().add_factory("/live", factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
