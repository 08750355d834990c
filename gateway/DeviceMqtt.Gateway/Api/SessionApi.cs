using System.Net;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;
using Microsoft.AspNetCore.Mvc;

namespace DeviceMqtt.Gateway.Api;

/// <summary><c>/api/v1/session</c>: who is logged in, log in, log out; and the first operator.</summary>
internal sealed class SessionApi(ConsoleSource source, Accounts accounts, SessionStore sessions, Gate gate, OneTimeCode code, ILogger log)
{
    private const int LinesPerMinuteMax = 10; // chosen: somebody who forgot it, and not somebody who guesses
    private readonly Lock _lock = new();
    private readonly LineLimit _lines = new(LinesPerMinuteMax);

    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/session").WithTags("Session");
        group.MapGet("/", State).WithMetadata(Needs.Nothing).WithSummary("Who is logged in, and whether anybody can be").Produces<GatewayShapes.Session>();
        group.MapPost("/", LogInAsync).WithMetadata(Needs.Nothing, BodyMax.Words, new MayFail(StatusCodes.Status401Unauthorized, StatusCodes.Status429TooManyRequests)).WithSummary("Log in").Produces<GatewayShapes.Session>();
        group.MapDelete("/", LogOut).WithMetadata(Needs.Nothing).WithSummary("Log out").Produces<GatewayShapes.Session>();
        group.MapPost("/welcome", Welcome).WithMetadata(Needs.Nothing, BodyMax.Words).WithSummary("The first operator, with the one-time code").Produces<GatewayShapes.Session>();
    }

    /// <summary>Writes a code into the log while there is no operator, unless the one before is still good.</summary>
    public void SayCode()
    {
        if (!accounts.HasOperator && code.Renew() is { } text)
            log.ConsoleCode(text, (int)OneTimeCode.GoodFor.TotalMinutes);
    }

    private Answer<GatewayShapes.Session> State(HttpContext context)
    {
        SayCode();
        return Describe(context, gate.Find(context));
    }

    /// <summary>Who is logged in, for the page.</summary>
    public GatewayShapes.Session SessionOf(HttpContext context, Caller? caller)
    {
        string state = !accounts.HasOperator ? "welcome" : caller is null ? "login" : "in";
        bool isSecure = context.Request.IsHttps || IPAddress.IsLoopback(context.Connection.RemoteIpAddress ?? IPAddress.None);
        // A stranger is told what the page in front of it needs: which machine this is, and which faults its version has, is for those who are in.
        return caller is null || state != "in"
            ? new GatewayShapes.Session(state, User: null, Role: null, Host: null, Version: null, isSecure, state == "welcome" ? source.Options.KeepsData : null)
            : new GatewayShapes.Session(state, caller.Name, caller.Role.ToString().ToLowerInvariant(), ConsoleSource.HostName, ConsoleSource.Version, isSecure, source.Options.KeepsData);
    }

    private Answer<GatewayShapes.Session> Describe(HttpContext context, Caller? caller) => new(SessionOf(context, caller), ApiJson.Default.Session);

    private async Task<IResult> LogInAsync([FromBody] GatewayShapes.Login login, HttpContext context)
    {
        if (!gate.IsOwn(context))
            return Foreign();
        string name = login.Name ?? "";
        string address = AddressOf(context);
        if (name.Length is 0 or > Accounts.CharsMax || (login.Password ?? "").Length is 0 or > Accounts.CharsMax)
            return Refused();
        ((ConsoleRole Role, string Stamp)? found, bool isBusy) = await accounts.LogInAsync(name, login.Password!, EndPointOf(context), context.RequestAborted);
        if (isBusy)
            return new Problem(StatusCodes.Status429TooManyRequests, "Too many logins", "Too many logins wait to be checked.", "Try again in some seconds.");
        if (found is not { } admitted)
        {
            source.Audit?.Add(AuditKind.Refused, $"refused: user '{name}', console, from {address}");
            if (MaySay(out long withheld))
                log.ConsoleRefused(SafeText.OfName(name), address, withheld);
            return Refused();
        }

        return Begin(context, name, admitted.Role, admitted.Stamp);
    }

    private IResult LogOut(HttpContext context)
    {
        if (!gate.IsOwn(context))
            return Foreign();
        if (gate.Find(context) is { Token: { } token })
            sessions.End(token);
        Gate.ClearCookie(context);
        return Describe(context, caller: null);
    }

    private IResult Welcome([FromBody] GatewayShapes.Welcome welcome, HttpContext context)
    {
        if (!gate.IsOwn(context))
            return Foreign();
        if (accounts.HasOperator)
            return Problem.Wrong("there is an operator already: log in");
        string name = welcome.Name ?? "";
        if ((UserName.Check(name) ?? Accounts.WrongPassword(welcome.Password ?? "")) is { } wrong)
            return Problem.Wrong(wrong);
        if (accounts.Users.Find(name) is not null)
            return Problem.Wrong($"there is a user or device '{name}': take another name");
        if (ConsoleRights.Of(accounts.Users.FindRole(Roles.Operator)) != ConsoleRole.Operator)
            return Problem.Wrong($"the settings make the role '{Roles.Operator}' narrower (Security:Rights): there cannot be an operator of the console");
        if (!code.TryUse(welcome.Code ?? "", AddressKey.Of(EndPointOf(context))))
        {
            if (MaySay(out long withheld))
                log.ConsoleCodeWrong(AddressOf(context), withheld);
            SayCode();
            return new Problem(StatusCodes.Status403Forbidden, "Wrong code", "This is not the code, or its 15 minutes are over, or your five tries.", "Make one with 'devicemqtt user code' on the machine, or take the next one from the log, 15 minutes behind the one before.");
        }

        try
        {
            accounts.File.Set(name, new UserEntry { Role = Roles.Operator, Password = PasswordHash.Create(welcome.Password!, PasswordHash.IterationsOfPeople) });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Problem.Wrong(exception.Message);
        }

        source.Audit?.Add(AuditKind.Changed, AuditFile.ChangedBy($"user {name}, {Roles.Operator}", $"the one-time code from {AddressOf(context)}"));
        return Begin(context, name, ConsoleRole.Operator, accounts.Users.StampOf(name)!);
    }

    private Answer<GatewayShapes.Session> Begin(HttpContext context, string name, ConsoleRole role, string stamp)
    {
        string address = AddressOf(context);
        log.ConsoleLoggedIn(name, role.ToString(), address);
        source.Audit?.Add(AuditKind.In, $"in: user '{name}', console, as {role}, from {address}");
        string token = sessions.Begin(name, stamp, address);
        Gate.SetCookie(context, token);
        Caller caller = new(name, role, token);
        gate.Found?.Invoke(context, caller);
        return Describe(context, caller);
    }

    private bool MaySay(out long withheld)
    {
        lock (_lock)
            return _lines.TryTake(Environment.TickCount64, out withheld);
    }

    private static Problem Refused() => new(StatusCodes.Status401Unauthorized, "Not let in", "The name or the password is wrong.", "After some wrong tries each takes longer.");

    private static Problem Foreign() => new(StatusCodes.Status403Forbidden, "Not from the console", $"A login needs the header {Gate.OwnHeader} and must not come from a page of another site.", null);

    private static IPEndPoint? EndPointOf(HttpContext context) => context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;

    private static string AddressOf(HttpContext context) => ClientBook.AddressOf(EndPointOf(context));
}
