"""A domain of the shop's own before the API, and no way past it where the operator closes the other address."""

from tests.template import transformed
from tests.template.transformed import NO_VALUE, If

# A rule demands it with a domain.
CERTIFICATE = If("CertificateGiven", "${CertificateArn}", NO_VALUE)
API = transformed.of_type("ApiGatewayV2::Api")["Api"]


def test_the_domain_has_the_operator_s_certificate_and_no_old_tls() -> None:
    assert transformed.of_type("ApiGatewayV2::DomainName") == {
        "Domain": {
            "DomainName": "${DomainName}",
            "DomainNameConfigurations": [
                {"CertificateArn": CERTIFICATE, "EndpointType": "REGIONAL", "SecurityPolicy": "TLS_1_2"}
            ],
        }
    }


def test_the_domain_leads_to_the_api() -> None:
    assert transformed.of_type("ApiGatewayV2::ApiMapping") == {
        "DomainMapping": {"ApiId": "${Api}", "DomainName": "${Domain}", "Stage": "${ApiApiGatewayDefaultStage}"}
    }


def test_the_address_that_aws_gives_is_closed_where_the_operator_says_so() -> None:
    (server,) = API["Body"]["servers"]

    assert server["x-amazon-apigateway-endpoint-configuration"] == {
        "disableExecuteApiEndpoint": If("EndpointClosed", True, False)
    }
