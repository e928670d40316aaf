variable "detector_host" {
  description = "The detector's host name, without https://"
  type        = string
}

variable "read_token" {
  description = "A token of scope read, for this alone: Route 53 can send no headers, so it stands in a URL, and in the state file"
  type        = string
  sensitive   = true
}

variable "zone_id" {
  type = string
}

# 200 at /avoid means "leave the primary". Inverted, so that every other answer, our own failure included, keeps the primary.
resource "aws_route53_health_check" "keep_primary" {
  type               = "HTTPS"
  fqdn               = var.detector_host
  port               = 443
  enable_sni         = true
  resource_path      = "/k/${var.read_token}/v1/sites/fra/targets/web-1/avoid"
  invert_healthcheck = true
  request_interval   = 10
  failure_threshold  = 1
}

resource "aws_route53_record" "primary" {
  zone_id         = var.zone_id
  name            = "www"
  type            = "A"
  ttl             = 30
  records         = ["192.0.2.1"]
  set_identifier  = "primary"
  health_check_id = aws_route53_health_check.keep_primary.id

  failover_routing_policy {
    type = "PRIMARY"
  }
}

# No health check: the last node left serves.
resource "aws_route53_record" "standby" {
  zone_id        = var.zone_id
  name           = "www"
  type           = "A"
  ttl            = 30
  records        = ["192.0.2.2"]
  set_identifier = "standby"

  failover_routing_policy {
    type = "SECONDARY"
  }
}
