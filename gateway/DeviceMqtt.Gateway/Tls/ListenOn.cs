using System.Net;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>An address to listen on.</summary>
/// <param name="EndPoint">Address and port; port 0 takes a free one.</param>
/// <param name="IsTls">With <c>mqtts://</c> or <c>https://</c>.</param>
internal readonly record struct ListenOn(IPEndPoint EndPoint, bool IsTls);
