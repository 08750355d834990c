using System.Text;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Shapes;

/// <summary>An answer that is text for a program, and counts as all answers do.</summary>
internal sealed class TextAnswer(string text, string contentType) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.ContentType = contentType;
        return AnswerLease.WriteAsync(httpContext, Encoding.UTF8.GetBytes(text));
    }
}
